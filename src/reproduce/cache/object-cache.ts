import { chmodSync, lstatSync, readFileSync, type Stats, unlinkSync } from "node:fs";
import { DuetMindError, fromWriteError } from "../../core/errors.ts";
import { fromReadError } from "../../core/files.ts";
import { hashFile } from "../../core/hash.ts";
import { withinFolder } from "../../core/within-folder.ts";
import { type DirectoryEntry, hashDirectoryObject } from "./directory-hash.ts";
import { hashLegacyFile } from "./legacy-hash.ts";

/**
 * DVC's cache: an object is a file named for its md5, `files/md5/<2>/<30>`, with `.dir` for the list of
 * a folder's files. DVC 2.x kept its objects at `<2>/<30>`, named for an md5 of the text with its line
 * ends changed: such are read, and none is written.
 *
 * A whole object has the mode 0444 and is trusted by it, as DVC trusts it. One of any other mode may be
 * half written or edited: it is hashed, and then either gets the mode or is removed.
 */
export type HasCache = Readonly<{ cacheFolder: string }>;

export const OBJECT_MODE = 0o444;

export type ObjectKind = "md5" | "legacy";

/** Where the object of an md5 is, or would be. */
export function objectPath(cache: HasCache, md5: string, kind: ObjectKind = "md5"): string {
  return `${objectsRoot(cache, kind)}/${md5.slice(0, 2)}/${md5.slice(2)}`;
}

export function objectsFolder(cache: HasCache): string {
  return `${cache.cacheFolder}/files/md5`; // asked for each file of a folder: join takes a while
}

function objectsRoot(cache: HasCache, kind: ObjectKind): string {
  return kind === "md5" ? objectsFolder(cache) : cache.cacheFolder;
}

const IF_THERE = { throwIfNoEntry: false } as const;

/** True when the cache holds a whole object; one that is damaged is removed. */
export function hasObject(cache: HasCache, md5: string, kind: ObjectKind = "md5"): boolean {
  const path = objectPath(cache, md5, kind);
  const stat = lstatSync(path, IF_THERE);
  if (stat === undefined) return false;
  return isProtected(stat) || verifyObject(cache, md5, kind);
}

/** The same of many, their md5s one after the other: cheaper for a folder of thousands. */
export function hasObjects(cache: HasCache, md5s: string, kind: ObjectKind): boolean {
  return withinFolder(objectsRoot(cache, kind), (prefix) => {
    for (let at = 0; at < md5s.length; at += 32) {
      const name = `${md5s.slice(at, at + 2)}/${md5s.slice(at + 2, at + 32)}`;
      const stat = lstatSync(prefix + name, IF_THERE);
      if (stat === undefined) return false;
      if (isProtected(stat)) continue;
      if (!verifyObject(cache, md5s.slice(at, at + 32), kind)) return false;
    }
    return true;
  });
}

function isProtected({ mode }: Stats): boolean {
  return (mode & 0o7777) === OBJECT_MODE;
}

/** Hashes an object; a match gets the mode of a whole one, a mismatch is removed. */
export function verifyObject(cache: HasCache, md5: string, kind: ObjectKind = "md5"): boolean {
  const path = objectPath(cache, md5, kind);
  if (hashObject(path, kind) === md5.replace(/\.dir$/, "")) {
    protectObject(path);
    return true;
  }
  removeObject(path);
  return false;
}

function hashObject(path: string, kind: ObjectKind): string | null {
  try {
    return kind === "legacy" ? hashLegacyFile(path) : hashFile(path, "md5").hex;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw fromReadError(error, path);
  }
}

/** Removes an object that is not what its name says: it must never be served. */
export function removeObject(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw fromWriteError(error, path);
  }
}

/** A cache that others own or that is read only keeps its modes: its objects are hashed each time. */
export function protectObject(path: string): void {
  try {
    chmodSync(path, OBJECT_MODE);
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code;
    if (errno !== "EPERM" && errno !== "EROFS" && errno !== "ENOENT") {
      throw fromWriteError(error, path);
    }
  }
}

/**
 * The files of a folder as its object lists them, or null when the cache has no such object. A list
 * that does not hash to its name, or whose paths lead out of the folder, counts as none and is removed.
 */
export function readDirectoryObject(
  cache: HasCache,
  md5: string,
  kind: ObjectKind = "md5",
): readonly DirectoryEntry[] | null {
  const path = objectPath(cache, md5, kind);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw fromReadError(error, path);
  }
  const entries = hashDirectoryObject(text) === md5 ? parseDirectoryObject(text) : null;
  if (entries === null) removeObject(path);
  return entries;
}

const MD5 = /^[0-9a-f]{32}$/;

/** The entries of a directory object's text; null when it is none. */
export function parseDirectoryObject(text: string): readonly DirectoryEntry[] | null {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(list)) return null;
  const entries: DirectoryEntry[] = [];
  for (const item of list as readonly unknown[]) {
    const { md5, relpath } = (item ?? {}) as Readonly<{ md5?: unknown; relpath?: unknown }>;
    if (typeof md5 !== "string" || typeof relpath !== "string") return null;
    if (!MD5.test(md5) || !isInside(relpath)) return null;
    entries.push({ md5, relpath });
  }
  return entries;
}

/** True for a path that stays below the folder it is relative to. */
function isInside(relpath: string): boolean {
  return (
    !relpath.includes("\0") &&
    relpath.split("/").every((name) => name !== "" && name !== "." && name !== "..")
  );
}

/** The error for an object that is gone, or that was damaged and has been removed. */
export function missingObject(path: string, md5: string, wasDamaged: boolean): DuetMindError {
  const got = wasDamaged ? "another content, which was removed" : "no such object";
  return new DuetMindError(
    "NOT_IN_CACHE",
    `${path}: expected its content ${md5} in the cache, got ${got}`,
    {
      file: path,
      hint: "get it with `duetmind fetch`, make it again with `duetmind reproduce --force`, or add the file again",
    },
  );
}
