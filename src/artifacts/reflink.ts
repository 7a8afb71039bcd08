import { constants } from "node:fs";
import { copyFile, rm } from "node:fs/promises";

/**
 * Copies a file without copying its bytes, where the file system shares blocks (Btrfs, XFS, APFS).
 * False where it cannot: the caller then copies.
 */
export async function reflink(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    return true;
  } catch {
    await rm(to, { force: true }); // some systems leave an empty file behind
    return false;
  }
}
