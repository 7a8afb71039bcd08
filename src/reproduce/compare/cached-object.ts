import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "../values/read-json.ts";
import { isValueList, isValueMap } from "../values/value.ts";

/** Where DVC's cache keeps an object. */
export function objectPlace(cacheFolder: string, md5: string): string {
  return join(cacheFolder, "files", "md5", md5.slice(0, 2), md5.slice(2));
}

/** An object of the cache, or null where it lacks it. */
export function readObject(cacheFolder: string, md5: string): Buffer | null {
  const path = objectPlace(cacheFolder, md5);
  return existsSync(path) ? readFileSync(path) : null;
}

/** The files that the object of a folder lists: path → md5; null: the cache lacks it. */
export function readDirectoryMembers(
  cacheFolder: string,
  md5: string,
): ReadonlyMap<string, string> | null {
  const object = readObject(cacheFolder, md5);
  if (object === null) return null;
  const list = readJson(object.toString("utf8"), md5);
  const members = new Map<string, string>();
  for (const item of isValueList(list) ? list : []) {
    if (isValueMap(item)) members.set(String(item.get("relpath")), String(item.get("md5")));
  }
  return members;
}
