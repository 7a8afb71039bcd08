import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { fromWriteError } from "./errors.ts";

/**
 * Makes a folder and those above it, one at a time: Node's recursive mkdir says ENOENT where the file
 * system is read-only, which hides the reason. Throws NOT_WRITABLE or DISK_FULL with the folder's name.
 */
export function makeFolder(path: string, mode = 0o777): void {
  try {
    makeStep(path, mode);
  } catch (error) {
    throw fromWriteError(error, path);
  }
}

function makeStep(path: string, mode: number): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeStep(parent, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (!isFolder(path)) throw error; // another process may have been faster
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
