import { existsSync, readFileSync, type Stats, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { Clock } from "../../core/clock.ts";
import type { Effects } from "../../core/effects.ts";
import { DuetMindError } from "../../core/errors.ts";
import { publishContent } from "../../core/files.ts";
import { hashFile } from "../../core/hash.ts";
import { compareCodePoints } from "../values/python-text.ts";
import { directoryObject, hashDirectoryObject } from "./directory-hash.ts";
import { hashLegacyFile } from "./legacy-hash.ts";
import {
  EMPTY_TABLE,
  namesOf,
  ROW,
  readTables,
  type StatTable,
  sameStats,
  writeTables,
} from "./stat-table.ts";

/**
 * Remembers the md5 of a file by its inode, size and times, so that a run with nothing to do reads no
 * data. It is a cache: deleting it changes only speed.
 *
 * A file changed twice within one tick of the file system's clock keeps its times, so an md5 is
 * remembered only when the file had been at rest for longer than a tick when it was read.
 */
export type StatIndex = Readonly<{
  /** The hash of a file, read only when it is not what it was when it was hashed before. */
  md5(path: string, stat: Stats, kind?: HashKind): FileState;
  /** The md5 that is remembered of a file as it stands; null when the file would have to be read. */
  find(path: string): string | null;
  /**
   * Remembers an md5 that the caller took of a file's bytes himself, with the time and the file's stat
   * before. Its time of change says nothing here (he may have just made the file), its time of writing
   * has to be at rest: a later write shows.
   */
  remember(path: string, md5: string, stat: Stats, startMs: number): void;
  /** The time before a file is read. */
  nowMs(): number;
  /** The hash of a folder from the names and stats of its files, of which only changed ones are read. */
  folder(path: string, members: FolderMembers, kind?: HashKind): FolderHash;
  /** Writes the index when something was learnt. */
  save(effects: Effects): Promise<void>;
}>;

/** `legacy`: the md5 that DVC 2.x gave to texts. */
export type HashKind = "md5" | "legacy";

export type FileState = Readonly<{ md5: string; sizeBytes: number; isExecutable: boolean }>;

export type FolderMembers = Readonly<{
  /** Relative paths of the files. */
  names: readonly string[];
  /** Four numbers a file, see stat-table.ts. */
  stats: Float64Array;
}>;

export type FolderHash = Readonly<{
  /** 32 hex digits, without `.dir`. */
  md5: string;
  /** 32 hex digits for each name, one after the other. */
  hexes: () => string;
}>;

const COARSE_MS = 2000; // FAT and some network file systems: whole seconds, or two
const FINE_MS = 50; // Linux stamps files with its timer tick, at most 10 ms

/** The index of a repository, kept in `.dvc/tmp`; without a `.dvc` folder it is not kept. */
export function openStatIndex(root: string, clock: Clock): StatIndex {
  const path = join(root, ".dvc", "tmp", "duetmind-stats");
  const tables = readIndex(path);
  const single = { md5: openFiles(tables, "md5"), legacy: openFiles(tables, "legacy") };
  const inside = root === "/" ? root : `${root}/`;
  let isChanged = false;

  /** Hashes a file; its stat comes back where the file was at rest and may be remembered. */
  function hash(file: string, stat: Stats, kind: HashKind) {
    const startMs = nowMs();
    const hex = kind === "legacy" ? hashLegacyFile(file) : hashFile(file, "md5").hex;
    const after = statSync(file);
    isChanged = true;
    const isSame = sameStat(stat, after);
    return { hex, isAtRest: isSame && isAtRest([stat.mtimeMs, stat.ctimeMs], startMs) };
  }

  /** What is known of a file, by itself or as a member of a folder. */
  function lookUp(key: string, kind: HashKind): Row | undefined {
    const own = single[kind].get(key);
    if (own !== undefined) return own;
    for (let at = key.lastIndexOf("/"); at > 0; at = key.lastIndexOf("/", at - 1)) {
      const table = tables.get(`${kind}:${key.slice(0, at)}/`);
      const row = table === undefined ? undefined : rowsOf(table).get(key.slice(at + 1));
      if (table !== undefined && row !== undefined) return { ...table, row };
    }
    return undefined;
  }

  function keyOf(file: string): string {
    return file.startsWith(inside) ? file.slice(inside.length) : relative(root, file);
  }

  function md5(file: string, stat: Stats, kind: HashKind = "md5"): FileState {
    const key = keyOf(file);
    const known = lookUp(key, kind);
    const rest = { sizeBytes: stat.size, isExecutable: (stat.mode & 0o100) !== 0 };
    if (known !== undefined && isRowOf(known.stats, known.row, stat)) {
      return { md5: hexOf(known), ...rest };
    }
    const hashed = hash(file, stat, kind);
    const stats = hashed.isAtRest ? rowOf(stat) : new Float64Array(ROW);
    single[kind].set(key, { stats, md5s: Buffer.from(hashed.hex, "hex"), row: 0 });
    return { md5: hashed.hex, ...rest };
  }

  function find(file: string): string | null {
    const known = lookUp(keyOf(file), "md5");
    if (known === undefined) return null;
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat !== undefined && isRowOf(known.stats, known.row, stat) ? hexOf(known) : null;
  }

  function nowMs(): number {
    return clock.now().getTime();
  }

  function remember(file: string, hex: string, stat: Stats, startMs: number): void {
    if (!isAtRest([stat.mtimeMs], startMs)) return;
    single.md5.set(keyOf(file), {
      stats: rowOf(stat),
      md5s: Buffer.from(hex, "hex"),
      row: 0,
    });
    isChanged = true;
  }

  function folder(at: string, members: FolderMembers, kind: HashKind = "md5"): FolderHash {
    const key = `${kind}:${keyOf(at)}/`;
    const known = tables.get(key);
    const names = members.names.join("\0");
    if (known !== undefined && known.names === names && sameStats(known.stats, members.stats)) {
      return { md5: known.folderMd5, hexes: () => known.md5s.toString("hex") };
    }
    const { stats, md5s } = hashMembers(at, members, known ?? EMPTY_TABLE, kind);
    const hex = md5s.toString("hex");
    const folderMd5 = hashDirectoryObject(directoryObject(toEntries(members.names, hex))).slice(
      0,
      32,
    );
    tables.set(key, { names, stats, md5s, folderMd5 });
    isChanged = true;
    return { md5: folderMd5, hexes: () => hex };
  }

  function hashMembers(at: string, members: FolderMembers, known: StatTable, kind: HashKind) {
    const rows = rowsOf(known);
    const prefix = `${keyOf(at)}/`;
    const stats = members.stats.slice();
    const md5s = Buffer.alloc(members.names.length * 16);
    for (const [i, name] of members.names.entries()) {
      const row = rows.get(name);
      if (row !== undefined && sameRow(known.stats, row, stats, i)) {
        known.md5s.copy(md5s, i * 16, row * 16, row * 16 + 16);
        continue;
      }
      const own = single[kind].take(prefix + name);
      if (own !== undefined && sameRow(own.stats, own.row, stats, i)) {
        own.md5s.copy(md5s, i * 16, own.row * 16, own.row * 16 + 16);
        continue;
      }
      const file = `${at}/${name}`;
      const stat = statSync(file);
      const hashed = hash(file, stat, kind);
      md5s.write(hashed.hex, i * 16, "hex");
      stats.set(hashed.isAtRest ? rowOf(stat) : new Float64Array(ROW), i * ROW);
    }
    return { stats, md5s };
  }

  async function save(effects: Effects): Promise<void> {
    if (!isChanged || !existsSync(join(root, ".dvc"))) return;
    for (const kind of ["md5", "legacy"] as const) tables.set(kind, single[kind].toTable(root));
    for (const key of tables.keys()) {
      const [, folderPath] = /^\w+:(.*)\/$/s.exec(key) ?? [];
      if (folderPath !== undefined && !existsSync(join(root, folderPath))) tables.delete(key);
    }
    try {
      await publishContent(effects.files, path, writeTables(tables));
    } catch (error) {
      // A repository that may only be read, or a full disk, has answers all the same.
      if (!(error instanceof DuetMindError)) throw error;
    }
    isChanged = false;
  }

  return { md5, find, remember, nowMs, folder, save };
}

/** The files of a folder as its directory object lists them, in the order of their code points. */
export function toEntries(names: readonly string[], hexes: string) {
  return names
    .map((relpath, i) => ({ relpath, md5: hexes.slice(i * 32, i * 32 + 32) }))
    .sort((a, b) => compareCodePoints(a.relpath, b.relpath));
}

type Row = Readonly<{ stats: Float64Array; md5s: Buffer; row: number }>;

function hexOf({ md5s, row }: Row): string {
  return md5s.toString("hex", row * 16, row * 16 + 16);
}

const rowsByTable = new WeakMap<StatTable, ReadonlyMap<string, number>>();

/** Name → row of a table, made when it is first asked for. */
function rowsOf(table: StatTable): ReadonlyMap<string, number> {
  const rows = rowsByTable.get(table) ?? new Map(namesOf(table).map((name, row) => [name, row]));
  rowsByTable.set(table, rows);
  return rows;
}

/** The files that are no members of a folder: a table to read from, rows of its own once they change. */
function openFiles(tables: ReadonlyMap<string, StatTable>, kind: HashKind) {
  const table = tables.get(kind) ?? EMPTY_TABLE;
  const rows = new Map<string, Row>(
    namesOf(table).map((name, row) => [name, { stats: table.stats, md5s: table.md5s, row }]),
  );
  return {
    get: (name: string) => rows.get(name),
    set: (name: string, row: Row) => rows.set(name, row),
    /** A file that is a member of a folder from now on. */
    take(name: string): Row | undefined {
      const row = rows.get(name);
      rows.delete(name);
      return row;
    },
    /** Files that are gone, and those that were not at rest, are left out. */
    toTable(root: string): StatTable {
      const kept = [...rows].filter(
        ([name, { stats, row }]) => stats[row * ROW] !== 0 && existsSync(join(root, name)),
      );
      const stats = new Float64Array(kept.length * ROW);
      const md5s = Buffer.alloc(kept.length * 16);
      for (const [i, [, from]] of kept.entries()) {
        stats.set(from.stats.subarray(from.row * ROW, from.row * ROW + ROW), i * ROW);
        from.md5s.copy(md5s, i * 16, from.row * 16, from.row * 16 + 16);
      }
      return { names: kept.map(([name]) => name).join("\0"), stats, md5s, folderMd5: "" };
    },
  };
}

/** An index that cannot be read is an empty one. */
function readIndex(path: string): Map<string, StatTable> {
  try {
    return readTables(readFileSync(path)) ?? new Map();
  } catch {
    return new Map();
  }
}

function rowOf(stat: Stats): Float64Array {
  return Float64Array.of(stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs);
}

function isRowOf(stats: Float64Array, row: number, stat: Stats): boolean {
  const at = row * ROW;
  return (
    stats[at] === stat.ino &&
    stats[at + 1] === stat.size &&
    stats[at + 2] === stat.mtimeMs &&
    stats[at + 3] === stat.ctimeMs
  );
}

function sameRow(a: Float64Array, i: number, b: Float64Array, j: number): boolean {
  for (let k = 0; k < ROW; k++) if (a[i * ROW + k] !== b[j * ROW + k]) return false;
  return true;
}

function sameStat(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}

function isAtRest(times: readonly number[], nowMs: number): boolean {
  return times.every((at) => {
    const tick = at % 1000 === 0 ? COARSE_MS : FINE_MS;
    return nowMs - at > tick;
  });
}
