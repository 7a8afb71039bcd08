import { type Dirent, readdirSync, statSync } from "node:fs";
import { DuetMindError } from "../../core/errors.ts";
import { withinFolder } from "../../core/within-folder.ts";
import type { IgnoreRules } from "../files/ignore.ts";
import type { Repository } from "../files/repository.ts";
import type { DirectoryEntry } from "./directory-hash.ts";
import { type FolderMembers, type HashKind, toEntries } from "./stat-index.ts";
import { ROW } from "./stat-table.ts";

/** A file or folder as dvc.lock knows it. */
export type PathState = Readonly<{
  /** 32 hex digits; with `.dir` for a folder. */
  md5: string;
  sizeBytes: number;
  isExecutable: boolean;
  /** The files of a folder, in the order of its directory object. */
  entries?: readonly DirectoryEntry[];
}>;

const hexesOf = new WeakMap<PathState, () => string>();

/** The md5s of the files of a folder, 32 hex digits each, one after the other; cheaper than entries. */
export function memberHexes(folder: PathState): string | undefined {
  return hexesOf.get(folder)?.();
}

export type PathReader = Pick<Repository, "index" | "ignore">;

const IF_THERE = { throwIfNoEntry: false } as const;

/** The state of what stands at a path, or null when nothing does or it is ignored. */
export function readPathState(
  path: string,
  { index, ignore }: PathReader,
  kind: HashKind = "md5",
): PathState | null {
  const stat = statSync(path, IF_THERE);
  if (stat === undefined) return null;
  const isFolder = stat.isDirectory();
  if (ignore.isIgnored(path, isFolder)) return null;
  if (!isFolder) return index.md5(path, stat, kind);
  const members = readMembers(path, ignore);
  const { md5, hexes } = index.folder(path, members, kind);
  let entries: readonly DirectoryEntry[] | undefined;
  const state: PathState = {
    md5: `${md5}.dir`,
    sizeBytes: members.sizeBytes,
    isExecutable: false,
    get entries() {
      entries ??= toEntries(members.names, hexes()); // most who ask for a folder's state need none
      return entries;
    },
  };
  hexesOf.set(state, hexes);
  return state;
}

/** The relative paths of the files below a folder. */
export function listFiles(root: string, ignore: IgnoreRules): string[] {
  const files: string[] = [];
  walk(root, ignore, (path, relpath, entry) => {
    const isFile = entry.isFile() || statSync(path, IF_THERE)?.isFile() === true;
    if (isFile) files.push(relpath);
  });
  return files;
}

function readMembers(root: string, ignore: IgnoreRules): FolderMembers & { sizeBytes: number } {
  const names: string[] = [];
  let stats = new Float64Array(64 * ROW);
  let sizeBytes = 0;
  walk(root, ignore, (path, relpath) => {
    const stat = statSync(path, IF_THERE);
    if (stat?.isFile() !== true) return;
    const at = names.push(relpath) * ROW;
    if (at > stats.length) {
      const larger = new Float64Array(stats.length * 2);
      larger.set(stats);
      stats = larger;
    }
    stats[at - 4] = stat.ino;
    stats[at - 3] = stat.size;
    stats[at - 2] = stat.mtimeMs;
    stats[at - 1] = stat.ctimeMs;
    sizeBytes += stat.size;
  });
  return { names, stats: stats.subarray(0, names.length * ROW), sizeBytes };
}

/**
 * Visits the files below a folder, each by a path that holds for the visit. A linked file is read
 * through, a linked folder is not entered.
 */
function walk(
  folder: string,
  ignore: IgnoreRules,
  visit: (path: string, relpath: string, entry: Dirent) => void,
  prefix = "",
): void {
  const isIgnored = ignore.inFolder(folder);
  const entries = readdirSync(folder, { withFileTypes: true });
  withinFolder(folder, (inside) => {
    for (const entry of entries) {
      const { name } = entry;
      if (name === ".dvcignore") throw ignoreFileInside(`${folder}/${name}`);
      const isFolder = entry.isDirectory();
      if (isIgnored(name, isFolder)) continue;
      if (isFolder) walk(`${folder}/${name}`, ignore, visit, `${prefix}${name}/`);
      else if (entry.isFile() || entry.isSymbolicLink()) {
        visit(inside + name, prefix + name, entry);
      }
    }
  });
}

function ignoreFileInside(path: string): DuetMindError {
  return new DuetMindError(
    "DVC_YAML_GRAPH",
    `${path}: expected no .dvcignore inside a tracked folder, got one`,
    { file: path },
  );
}
