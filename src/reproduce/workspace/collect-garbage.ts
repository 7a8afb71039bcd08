import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Effects } from "../../core/effects.ts";
import { DuetMindError, fromWriteError } from "../../core/errors.ts";
import { type ObjectKind, objectsFolder } from "../cache/object-cache.ts";
import type { Repository } from "../files/repository.ts";
import { EVERY_OUT } from "../pipeline/select-outs.ts";
import { type RecordedStages, wantedOuts } from "../remote/transfer.ts";
import { directoryFiles } from "../remote/used-objects.ts";

export type GarbageOptions = Readonly<{
  /** Also goes on where the files of a used folder cannot be known. */
  force: boolean;
  /** Only says what would go. */
  dry: boolean;
}>;

export type GarbageObject = Readonly<{
  /** Absolute. */
  path: string;
  md5: string;
  sizeBytes: number;
}>;

/**
 * Removes the objects of the cache that none of the views uses. The runs of the run-cache stay, as
 * they do for DVC: one whose outs are gone is passed over.
 */
export function collectGarbage(
  repository: Repository,
  views: readonly RecordedStages[],
  options: GarbageOptions,
  effects: Effects,
): readonly GarbageObject[] {
  const used = usedObjects(repository, views, options, effects);
  const garbage = listObjects(repository).filter(({ kind, md5 }) => !used.has(`${kind} ${md5}`));
  // a folder's list goes first: while it is there, its files are
  garbage.sort((a, b) => Number(b.md5.endsWith(".dir")) - Number(a.md5.endsWith(".dir")));
  if (!options.dry) {
    for (const { path } of garbage) {
      try {
        rmSync(path, { force: true });
      } catch (error) {
        throw fromWriteError(error, path);
      }
    }
  }
  return garbage;
}

function usedObjects(
  repository: Repository,
  views: readonly RecordedStages[],
  { force, dry }: GarbageOptions,
  effects: Effects,
): ReadonlySet<string> {
  const used = new Set<string>();
  const query = { ...EVERY_OUT, remote: null };
  for (const out of wantedOuts(views, repository, query, false, effects)) {
    used.add(`${out.kind} ${out.md5}`);
    if (!out.md5.endsWith(".dir")) continue;
    const files = directoryFiles(out, repository);
    if (files !== null) {
      for (const { md5 } of files.all) used.add(`${out.kind} ${md5}`);
    } else if (!force && !dry) {
      throw new DuetMindError(
        "NOT_IN_CACHE",
        `${out.shown}: expected the list of its files in the cache, got none: which of them to keep is not known`,
        {
          file: out.shown,
          hint: "get it with `duetmind fetch`, or give its files up with --force",
        },
      );
    } else {
      effects.progress.note(`${out.shown}: its list is not in the cache: its files are not kept`);
    }
  }
  return used;
}

type Listed = GarbageObject & Readonly<{ kind: ObjectKind }>;

const PREFIX = /^[0-9a-f]{2}$/;
const REST = /^[0-9a-f]{30}(?:\.dir)?$/;
const LEFTOVER = /^\.[0-9a-f]{16}\.tmp$/;
const LEFTOVER_AGE_MS = 3_600_000;

function listObjects(repository: Repository): Listed[] {
  return [
    ...listTree(objectsFolder(repository), "md5"),
    ...listTree(repository.cacheFolder, "legacy"),
  ];
}

/** The objects of a tree; what killed runs left half written goes on the way. */
function listTree(root: string, kind: ObjectKind): Listed[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((prefix) => PREFIX.test(prefix))
    .flatMap((prefix) => {
      const folder = join(root, prefix);
      return readdirSync(folder).flatMap((rest): Listed[] => {
        const path = join(folder, rest);
        const stat = statSync(path, { throwIfNoEntry: false });
        if (stat?.isFile() !== true) return [];
        const isOld = Date.now() - stat.mtimeMs > LEFTOVER_AGE_MS;
        if (LEFTOVER.test(rest) && isOld) rmSync(path, { force: true });
        if (!REST.test(rest)) return [];
        return [{ path, kind, md5: `${prefix}${rest}`, sizeBytes: stat.size }];
      });
    });
}
