import { constants, type Dirent, readdirSync, statSync } from "node:fs";
import { DuetMindError } from "../../core/errors.ts";
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

const EXACT = { bigint: true, throwIfNoEntry: false } as const;
const FILE_TYPE = BigInt(constants.S_IFMT);
const FOLDER = BigInt(constants.S_IFDIR);

/** The state of what stands at a path, or null when nothing does or it is ignored. */
export function readPathState(
  path: string,
  { index, ignore }: PathReader,
  kind: HashKind = "md5",
): PathState | null {
  const stat = statSync(path, EXACT);
  if (stat === undefined) return null;
  const isFolder = (stat.mode & FILE_TYPE) === FOLDER;
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
    const isFile = entry.isFile() || statSync(path, { throwIfNoEntry: false })?.isFile() === true;
    if (isFile) files.push(relpath);
  });
  return files;
}

function readMembers(root: string, ignore: IgnoreRules): FolderMembers & { sizeBytes: number } {
  const names: string[] = [];
  let stats = new BigUint64Array(64 * ROW);
  let sizeBytes = 0;
  walk(root, ignore, (path, relpath, entry) => {
    const stat = statSync(path, EXACT);
    if (stat === undefined || !(entry.isFile() || stat.isFile())) return;
    const at = names.push(relpath) * ROW;
    if (at > stats.length) {
      const larger = new BigUint64Array(stats.length * 2);
      larger.set(stats);
      stats = larger;
    }
    stats[at - 4] = stat.ino;
    stats[at - 3] = stat.size;
    stats[at - 2] = stat.mtimeNs;
    stats[at - 1] = stat.ctimeNs;
    sizeBytes += Number(stat.size);
  });
  return { names, stats: stats.subarray(0, names.length * ROW), sizeBytes };
}

/** Visits the files below a folder. A linked file is read through, a linked folder is not entered. */
function walk(
  folder: string,
  ignore: IgnoreRules,
  visit: (path: string, relpath: string, entry: Dirent) => void,
  prefix = "",
): void {
  const isIgnored = ignore.inFolder(folder);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const { name } = entry;
    const path = `${folder}/${name}`;
    if (name === ".dvcignore") throw ignoreFileInside(path);
    const isFolder = entry.isDirectory();
    if (isIgnored(name, isFolder)) continue;
    if (isFolder) walk(path, ignore, visit, `${prefix}${name}/`);
    else if (entry.isFile() || entry.isSymbolicLink()) visit(path, prefix + name, entry);
  }
}

function ignoreFileInside(path: string): DuetMindError {
  return new DuetMindError(
    "DVC_YAML_GRAPH",
    `${path}: expected no .dvcignore inside a tracked folder, got one`,
    { file: path },
  );
}
