import { hashFile } from "../../core/hash.ts";
import type { RecordedFile } from "../files/recorded-file.ts";
import {
  type HasCache,
  hasObject,
  type ObjectKind,
  objectPath,
  readDirectoryObject,
} from "./object-cache.ts";
import { memberHexes, type PathState } from "./path-state.ts";

/**
 * True when the cache holds what is recorded of an out, for a folder every file of it. Where the folder
 * of the workspace is the recorded one, its files are taken from it: the list in the cache is then only
 * compared with its name, not taken apart.
 */
export function isInCache(
  cache: HasCache,
  recorded: RecordedFile & Readonly<{ md5: string }>,
  workspace: PathState | null,
): boolean {
  const kind: ObjectKind = recorded.isLegacy ? "legacy" : "md5";
  const { md5 } = recorded;
  if (!hasObject(cache, md5, kind)) return false;
  if (!md5.endsWith(".dir")) return true;
  const hexes = workspace?.md5 === md5 ? memberHexes(workspace) : undefined;
  if (hexes !== undefined && isWholeList(objectPath(cache, md5, kind), md5)) {
    for (let at = 0; at < hexes.length; at += 32) {
      if (!hasObject(cache, hexes.slice(at, at + 32), kind)) return false;
    }
    return true;
  }
  const entries = readDirectoryObject(cache, md5, kind);
  return entries?.every((entry) => hasObject(cache, entry.md5, kind)) === true;
}

function isWholeList(path: string, md5: string): boolean {
  return `${hashFile(path, "md5").hex}.dir` === md5;
}
