import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";

/**
 * A folder as one file: how long the rest is, then in brotli a JSON list of its entries behind its length
 * and the contents one after the other. A folder comes before what is in it. Tar would need a library and keeps what a fresh database must not: owners,
 * times, links.
 */
type Entry = Readonly<{ path: string /** Absent for a folder. */; size?: number }>;

/** Packs every file and folder below `folder`, in the order of their paths. */
export function packFolder(folder: string): Buffer {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => ({ file: entry.isFile(), absolute: join(entry.parentPath, entry.name) }))
    .sort((a, b) => (a.absolute < b.absolute ? -1 : 1));
  const contents = found.map(({ file, absolute }) => (file ? readFileSync(absolute) : undefined));
  const entries: Entry[] = found.map(({ absolute }, i) => {
    const path = relative(folder, absolute).split(sep).join("/");
    const content = contents[i];
    return content === undefined ? { path } : { path, size: content.length };
  });
  const list = Buffer.from(JSON.stringify(entries));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(list.length);
  const whole = Buffer.concat([length, list, ...contents.filter((part) => part !== undefined)]);
  const packed = brotliCompressSync(whole, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 9,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: whole.length,
    },
  });
  const size = Buffer.alloc(4);
  size.writeUInt32LE(whole.length);
  return Buffer.concat([size, packed]);
}

/** Writes the packed files below `folder`, for this user's eyes only. */
export function unpackFolder(archive: Buffer, folder: string): void {
  // in one piece, where thousands of small ones would be put together again
  const whole = brotliDecompressSync(archive.subarray(4), {
    chunkSize: Math.max(64, archive.readUInt32LE(0)), // the least that zlib takes
  });
  const listEnd = 4 + whole.readUInt32LE(0);
  const entries = JSON.parse(whole.toString("utf8", 4, listEnd)) as readonly Entry[];
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let at = listEnd;
  for (const { path, size } of entries) {
    const target = join(folder, path);
    if (size === undefined) {
      mkdirSync(target, { recursive: true, mode: 0o700 });
      continue;
    }
    writeFileSync(target, whole.subarray(at, at + size), { mode: 0o600 });
    at += size;
  }
}
