import { statSync } from "node:fs";
import type { RecordedFile } from "../files/recorded-file.ts";
import {
  type HasCache,
  hasObject,
  hasObjects,
  type ObjectKind,
  objectPath,
  readDirectoryObject,
} from "./object-cache.ts";
import { memberHexes, type PathState } from "./path-state.ts";
import type { StatIndex } from "./stat-index.ts";

/**
 * True when the cache holds what is recorded of an out, for a folder every file of it. Where the folder
 * of the workspace is the recorded one, its files are taken from it: the list in the cache is then only
 * compared with its name, not taken apart, and read only where its md5 is not remembered.
 */
export function isInCache(
  cache: HasCache & Readonly<{ index: StatIndex }>,
  recorded: RecordedFile & Readonly<{ md5: string }>,
  workspace: PathState | null,
): boolean {
  const kind: ObjectKind = recorded.isLegacy ? "legacy" : "md5";
  const { md5 } = recorded;
  if (!hasObject(cache, md5, kind)) return false;
  if (!md5.endsWith(".dir")) return true;
  const hexes = workspace?.md5 === md5 ? memberHexes(workspace) : undefined;
  if (hexes !== undefined && isWholeList(objectPath(cache, md5, kind), md5, cache.index)) {
    return hasObjects(cache, hexes, kind);
  }
  const entries = readDirectoryObject(cache, md5, kind);
  return entries?.every((entry) => hasObject(cache, entry.md5, kind)) === true;
}

function isWholeList(path: string, md5: string, index: StatIndex): boolean {
  return `${index.md5(path, statSync(path)).md5}.dir` === md5;
}
