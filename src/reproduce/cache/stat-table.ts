/**
 * The hashes of many files beside the stat of each when it was hashed, in columns, so that a look that
 * finds nothing changed compares two blocks of bytes and makes no object for each file.
 *
 *     names   a/1.png \0 a/2.png \0 b.csv          relative paths
 *     stats   inode size mtime ctime | …           four numbers a file, times in milliseconds
 *     md5s    16 bytes | …
 *
 * A number of milliseconds tells times apart that are a quarter of a microsecond apart, and no file is
 * remembered that was written less than 50 milliseconds before: stat-index.ts. Exact nanoseconds would be
 * big integers, which take Node longer to make than the operating system takes to find them.
 *
 * A row of zeros belongs to a file that was not at rest when it was hashed: it matches no stat.
 */
export type StatTable = Readonly<{
  names: string;
  stats: Float64Array;
  md5s: Buffer;
  /** Of a folder's table: the md5 of its directory object, without `.dir`. */
  folderMd5: string;
}>;

export const ROW = 4;

export const EMPTY_TABLE: StatTable = {
  names: "",
  stats: new Float64Array(0),
  md5s: Buffer.alloc(0),
  folderMd5: "",
};

/** The names of a table; every table of the index has rows, so an empty text is one empty name. */
export function namesOf(table: StatTable): readonly string[] {
  return table.stats.length === 0 ? [] : table.names.split("\0");
}

/** True when two blocks of stats hold the same bytes. */
export function sameStats(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && bytesOf(a).equals(bytesOf(b));
}

export function bytesOf(stats: Float64Array): Buffer {
  return Buffer.from(stats.buffer, stats.byteOffset, stats.byteLength);
}

const MAGIC = "duetmind stats 2";
const HEADER = MAGIC.length + 4;

type TableHeader = readonly [key: string, rows: number, namesBytes: number, folderMd5: string];

/** The tables as one file: a line of JSON that says where each column is, then the columns. */
export function writeTables(tables: ReadonlyMap<string, StatTable>): Buffer {
  const headers: TableHeader[] = [];
  const blocks: Buffer[] = [];
  for (const [key, { names, stats, md5s, folderMd5 }] of tables) {
    const text = Buffer.from(names);
    headers.push([key, stats.length / ROW, text.length, folderMd5]);
    blocks.push(bytesOf(stats), md5s, text, Buffer.alloc(-text.length & 7));
  }
  const json = Buffer.from(JSON.stringify(headers));
  const start = Buffer.alloc(HEADER);
  start.write(MAGIC);
  start.writeUInt32LE(json.length, MAGIC.length);
  return Buffer.concat([start, json, Buffer.alloc(-(HEADER + json.length) & 7), ...blocks]);
}

/** Null for bytes that are no such file. */
export function readTables(bytes: Buffer): Map<string, StatTable> | null {
  if (bytes.length < HEADER || bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) return null;
  const jsonLength = bytes.readUInt32LE(MAGIC.length);
  let headers: readonly TableHeader[];
  try {
    headers = JSON.parse(bytes.toString("utf8", HEADER, HEADER + jsonLength)) as TableHeader[];
  } catch {
    return null;
  }
  const tables = new Map<string, StatTable>();
  let at = HEADER + jsonLength;
  at += -at & 7;
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : Buffer.from(bytes); // numbers need it
  for (const [key, rows, namesBytes, folderMd5] of headers) {
    const end = at + rows * (ROW * 8 + 16) + namesBytes + (-namesBytes & 7);
    if (end > bytes.length) return null;
    const stats = new Float64Array(aligned.buffer, aligned.byteOffset + at, rows * ROW);
    at += stats.byteLength;
    const md5s = aligned.subarray(at, at + rows * 16);
    at += md5s.length;
    tables.set(key, {
      names: aligned.toString("utf8", at, at + namesBytes),
      stats,
      md5s,
      folderMd5,
    });
    at = end;
  }
  return at === bytes.length ? tables : null;
}
