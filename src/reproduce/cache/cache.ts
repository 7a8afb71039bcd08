import { constants, lstatSync } from "node:fs";
import { chmod, copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Effects } from "../../core/effects.ts";
import { directoryObject } from "./directory-hash.ts";
import type { PathState } from "./path-state.ts";

/**
 * DVC's cache, `.dvc/cache/files/md5/<2>/<30>[.dir]`. Objects are mode 0444: DVC trusts one of exactly
 * that mode without hashing it.
 */
const READ_ONLY = 0o444;

/** Puts an out into the cache: its files first, so that a directory object implies its contents. */
export async function storeOut(
  root: string,
  path: string,
  state: PathState,
  effects: Effects,
): Promise<void> {
  if (state.entries === undefined) {
    await storeObject(root, state.md5, effects, (to) => copyShared(path, to));
    return;
  }
  for (const { md5, relpath } of state.entries) {
    await storeObject(root, md5, effects, (to) => copyShared(join(path, relpath), to));
  }
  const object = directoryObject(state.entries);
  await storeObject(root, state.md5, effects, (to) => writeFile(to, object));
}

async function storeObject(
  root: string,
  md5: string,
  effects: Effects,
  write: (to: string) => Promise<void>,
): Promise<void> {
  const path = objectPath(root, md5);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat !== undefined && (stat.mode & 0o777) === READ_ONLY) return;
  await effects.files.publish(path, async (temporary) => {
    await write(temporary);
    await chmod(temporary, READ_ONLY);
  });
}

/** Shares the blocks where the file system can, else copies. */
async function copyShared(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
}

export function objectPath(root: string, md5: string): string {
  return join(root, ".dvc", "cache", "files", "md5", md5.slice(0, 2), md5.slice(2));
}
