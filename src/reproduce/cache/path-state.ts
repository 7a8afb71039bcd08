import { type Dirent, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import type { IgnoreRules } from "../files/ignore.ts";
import type { Repository } from "../files/repository.ts";
import { type DirectoryEntry, directoryObject, hashDirectoryObject } from "./directory-hash.ts";

/** A file or folder as dvc.lock knows it. */
export type PathState = Readonly<{
  /** 32 hex digits; with `.dir` for a folder. */
  md5: string;
  sizeBytes: number;
  isExecutable: boolean;
  /** The files of a folder. */
  entries?: readonly DirectoryEntry[];
}>;

export type PathReader = Pick<Repository, "index" | "ignore">;

/** The state of what stands at a path, or null when nothing does or it is ignored. */
export function readPathState(path: string, { index, ignore }: PathReader): PathState | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || ignore.isIgnored(path, stat.isDirectory())) return null;
  if (!stat.isDirectory()) return index.md5(path);
  const entries: DirectoryEntry[] = [];
  let sizeBytes = 0;
  for (const relpath of listFiles(path, ignore)) {
    const file = index.md5(join(path, relpath));
    entries.push({ relpath, md5: file.md5 });
    sizeBytes += file.sizeBytes;
  }
  const md5 = hashDirectoryObject(directoryObject(entries));
  return { md5, sizeBytes, isExecutable: false, entries };
}

/** The files below a folder. A linked file is read through, a linked folder is not entered. */
function listFiles(folder: string, ignore: IgnoreRules, prefix = ""): string[] {
  const files: string[] = [];
  const isIgnored = ignore.inFolder(join(folder, prefix));
  for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
    const relpath = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.name === ".dvcignore") {
      throw new DuetMindError(
        "DVC_YAML_GRAPH",
        `${join(folder, relpath)}: expected no .dvcignore inside a tracked folder, got one`,
        { file: join(folder, relpath) },
      );
    }
    if (isIgnored(entry.name, entry.isDirectory())) continue;
    if (entry.isDirectory()) {
      for (const file of listFiles(folder, ignore, relpath)) files.push(file);
    } else if (isFile(join(folder, relpath), entry)) {
      files.push(relpath);
    }
  }
  return files;
}

function isFile(path: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
