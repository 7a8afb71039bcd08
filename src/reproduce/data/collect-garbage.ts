import { existsSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Effects } from "../../core/effects.ts";
import {
  type HasCache,
  type ObjectKind,
  objectPath,
  objectsFolder,
  readDirectoryObject,
  removeObject,
} from "../cache/object-cache.ts";
import type { Repository } from "../files/repository.ts";
import { EVERY_OUT, selectOuts } from "../pipeline/select-outs.ts";
import type { RecordedStages } from "../remote/transfer.ts";
import { usedOuts } from "../remote/used-objects.ts";
import type { DataFile, DataReport } from "./data-report.ts";

/**
 * Removes from the cache what none of the given views records: neither an out, nor a file of a folder
 * that is one. A folder's list goes before its files, so that a list implies its contents whenever this
 * is cut off. With `dry` it only says what would go.
 */
export function collectGarbage(
  repository: Repository,
  views: readonly RecordedStages[],
  options: Readonly<{ dry: boolean }>,
  effects: Effects,
): DataReport {
  const used = usedObjects(repository, views, effects);
  const unused = (["md5", "legacy"] as const).flatMap((kind) =>
    listObjects(repository, kind).filter(({ md5 }) => !used.has(`${kind}:${md5}`)),
  );
  const lists = unused.filter(({ md5 }) => md5.endsWith(".dir"));
  const files = unused.filter(({ md5 }) => !md5.endsWith(".dir"));
  const gone: DataFile[] = [];
  for (const { md5, path, kind } of [...lists, ...files]) {
    const sizeBytes = lstatSync(path, { throwIfNoEntry: false })?.size ?? null;
    const isList = md5.endsWith(".dir");
    const fileCount = isList ? (readDirectoryObject(repository, md5, kind)?.length ?? null) : null;
    if (!options.dry) removeObject(path);
    gone.push({ path: path.slice(repository.cacheFolder.length + 1), md5, sizeBytes, fileCount });
  }
  return { files: gone, changed: options.dry ? 0 : gone.length };
}

/** `kind:md5` of all that the views record. */
function usedObjects(
  repository: Repository,
  views: readonly RecordedStages[],
  effects: Effects,
): ReadonlySet<string> {
  const used = new Set<string>();
  const query = { pushing: false, remote: null, isHistory: true };
  for (const { stages, locks } of views) {
    for (const { md5, kind } of usedOuts(
      selectOuts(stages, EVERY_OUT, repository),
      locks,
      query,
      effects,
    )) {
      const key = `${kind}:${md5}`;
      if (used.has(key)) continue;
      used.add(key);
      if (!md5.endsWith(".dir")) continue;
      for (const entry of readDirectoryObject(repository, md5, kind) ?? []) {
        used.add(`${kind}:${entry.md5}`);
      }
    }
  }
  return used;
}

type StoredObject = Readonly<{ md5: string; path: string; kind: ObjectKind }>;

/** Every object, in the order of its md5. */
function listObjects(cache: HasCache, kind: ObjectKind): readonly StoredObject[] {
  const root = kind === "md5" ? objectsFolder(cache) : cache.cacheFolder;
  if (!existsSync(root)) return [];
  const prefixes = readdirSync(root).filter((name) => /^[0-9a-f]{2}$/.test(name));
  return prefixes.sort().flatMap((prefix) =>
    readdirSync(join(root, prefix))
      .filter((name) => /^[0-9a-f]{30}(\.dir)?$/.test(name))
      .sort()
      .map((name) => {
        const md5 = prefix + name;
        return { md5, path: objectPath(cache, md5, kind), kind };
      }),
  );
}
