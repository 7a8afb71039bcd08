import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { objectsFolder } from "../cache/object-cache.ts";
import type { Repository } from "../files/repository.ts";

/** An object of the cache or of a remote. */
export type StoredObject = Readonly<{
  /** `files/md5/<2>/<30>`, or `<2>/<30>` of DVC 2. */
  key: string;
  /** Absolute, or the address in a remote. */
  path: string;
  md5: string;
  sizeBytes: number;
}>;

const KEY = /^(?:files\/md5\/)?([0-9a-f]{2})\/([0-9a-f]{30}(?:\.dir)?)$/;

/** What a key names; null when it is not the key of an object. */
export function toObject(key: string, path: string, sizeBytes: number): StoredObject | null {
  const [, prefix, rest] = KEY.exec(key) ?? [];
  return prefix === undefined ? null : { key, path, md5: `${prefix}${rest}`, sizeBytes };
}

const LEFTOVER = /^\.[0-9a-f]{16}\.tmp$/;
const LEFTOVER_AGE_MS = 3_600_000;

/** The objects of the cache; what killed runs left half written goes on the way. */
export function cachedObjects(repository: Repository): readonly StoredObject[] {
  return [
    ...listTree(objectsFolder(repository), "files/md5/"),
    ...listTree(repository.cacheFolder, ""),
  ];
}

function listTree(root: string, place: string): readonly StoredObject[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => /^[0-9a-f]{2}$/.test(name))
    .flatMap((prefix) =>
      readdirSync(join(root, prefix)).flatMap((rest): StoredObject[] => {
        const path = join(root, prefix, rest);
        const stat = statSync(path, { throwIfNoEntry: false });
        if (stat?.isFile() !== true) return [];
        const isOld = Date.now() - stat.mtimeMs > LEFTOVER_AGE_MS;
        if (LEFTOVER.test(rest) && isOld) rmSync(path, { force: true });
        const object = toObject(`${place}${prefix}/${rest}`, path, stat.size);
        return object === null ? [] : [object];
      }),
    );
}
