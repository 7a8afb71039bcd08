import { randomBytes } from "node:crypto";
import { copyFileSync, lstatSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DuetMindError, fromWriteError } from "../../core/errors.ts";
import { setWorkspaceMode } from "../cache/link-types.ts";
import { listFiles } from "../cache/path-state.ts";
import type { Repository } from "../files/repository.ts";
import { shownPath } from "../pipeline/stage.ts";

/**
 * Makes links to the cache files of their own, with the mode of a file that may be written; returns how
 * many. Each is copied beside its place and then moved there.
 */
export function unprotect(path: string, repository: Repository): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    const shown = shownPath(repository.cwd, path);
    throw new DuetMindError(
      "FILE_NOT_FOUND",
      `${shown}: expected a file or folder to unprotect, got nothing at this path`,
      { file: shown },
    );
  }
  if (!stat.isDirectory()) return Number(unprotectFile(path));
  return listFiles(path, repository.ignore).filter((file) => unprotectFile(join(path, file)))
    .length;
}

function unprotectFile(path: string): boolean {
  const stat = lstatSync(path);
  const isExecutable = (statSync(path).mode & 0o100) !== 0;
  const isLink = stat.isSymbolicLink() || stat.nlink > 1;
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    if (isLink) {
      copyFileSync(path, temporary);
      setWorkspaceMode(temporary, isExecutable);
      renameSync(temporary, path);
    } else if ((stat.mode & 0o200) === 0) setWorkspaceMode(path, isExecutable);
    return isLink;
  } catch (error) {
    throw fromWriteError(error, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}
