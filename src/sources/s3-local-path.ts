import { join } from "node:path";
import { digestBytes, digestHex } from "../core/hash.ts";

const LONGEST_NAME = 200;

/**
 * Where the bytes of a key are kept in a folder. The parts of the key stay folders, so that partitions
 * such as `year=2024` can be read off the path; what is no safe name on every file system is escaped.
 */
export function localPath(folder: string, key: string): string {
  return join(folder, ...key.split("/").map(toName));
}

function toName(part: string): string {
  const name = encodeURIComponent(part.toWellFormed())
    .replace(/[!~*'()]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/^\./, "%2E")
    .replace(/%(20|2B|2C|3D|40)/g, (safe) => decodeURIComponent(safe));
  if (name === "") return "%";
  if (name.length <= LONGEST_NAME) return name;
  const extension = /(\.[A-Za-z0-9]{1,8}){1,2}$/.exec(name)?.[0] ?? "";
  return `${digestHex(digestBytes(part)).slice(0, 32)}${extension}`;
}
