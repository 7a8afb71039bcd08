import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import { type DirectoryEntry, directoryObject, hashDirectoryObject } from "./directory-hash.ts";
import type { StatIndex } from "./stat-index.ts";

/** A file or folder as dvc.lock knows it. */
export type PathState = Readonly<{
  /** 32 hex digits; with `.dir` for a folder. */
  md5: string;
  sizeBytes: number;
  isExecutable: boolean;
  /** The files of a folder. */
  entries?: readonly DirectoryEntry[];
}>;

/** The state of what stands at a path, or null when nothing does. */
export function readPathState(path: string, index: StatIndex): PathState | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  if (!stat.isDirectory()) return index.md5(path);
  const entries: DirectoryEntry[] = [];
  let sizeBytes = 0;
  for (const relpath of listFiles(path)) {
    const file = index.md5(join(path, relpath));
    entries.push({ relpath, md5: file.md5 });
    sizeBytes += file.sizeBytes;
  }
  const md5 = hashDirectoryObject(directoryObject(entries));
  return { md5, sizeBytes, isExecutable: false, entries };
}

const IGNORED_FOLDERS = new Set([".dvc", ".git", ".hg"]);

/** The files below a folder. A linked file is read through, a linked folder is not entered. */
function listFiles(folder: string, prefix = ""): string[] {
  const files: string[] = [];
  for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
    const relpath = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.name === ".dvcignore") {
      throw new DuetMindError(
        "DVC_YAML_GRAPH",
        `${join(folder, relpath)}: expected no .dvcignore inside a tracked folder, got one`,
        { file: join(folder, relpath) },
      );
    }
    if (entry.isDirectory()) {
      if (!IGNORED_FOLDERS.has(entry.name)) files.push(...listFiles(folder, relpath));
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

/** This version reads no ignore rules: a file of comments, as `dvc init` makes it, is fine. */
export function refuseIgnoreRules(root: string): void {
  const file = join(root, ".dvcignore");
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return;
  const rule = readFileSync(file, "utf8")
    .split("\n")
    .find((line) => line.trim() !== "" && !line.startsWith("#"));
  if (rule === undefined) return;
  throw new DuetMindError(
    "DVC_YAML_SCHEMA",
    `.dvcignore: expected comments only (this version reads no ignore rules), got "${rule}"`,
    { file: ".dvcignore" },
  );
}
