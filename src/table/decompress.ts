/**
 * Bytes of .gz and .zst files, as they come out, with a limit: a few kilobytes can hold a terabyte of
 * zeros. DuckDB could read both itself, but takes a file that was cut short for a whole one.
 */
import { closeSync, createReadStream, openSync, readSync, statSync } from "node:fs";
import { createGunzip } from "node:zlib";
import { DuetMindError } from "../core/errors.ts";
import type { DecompressParams } from "./source-params.ts";

export type Compression = "gzip" | "zstd";
type Bytes = AsyncGenerator<Uint8Array>;

const MAX_BYTES = 128 * 2 ** 30;
/** Text rarely goes beyond 50. */
const MAX_RATIO = 200;
/** Up to here any ratio will do. */
const HARMLESS_BYTES = 256 * 2 ** 20;

/** How a file is compressed, by its first bytes; a name that promises it must keep its word. */
export function compressionOf(path: string): Compression | undefined {
  const start = readStart(path, 4);
  if (start.readUInt16BE(0) === 0x1f8b) return "gzip";
  if (start.readUInt32BE(0) === 0x28b52ffd) return "zstd";
  const promised = path.match(/\.(gz|zst)$/i)?.[1]?.toLowerCase();
  if (promised === undefined) return undefined;
  const name = promised === "gz" ? "gzip" : "zstd";
  throw unreadable(path, `a ${name} file, as its name says, got other bytes`);
}

/** The first bytes of a file, with zeros after its end. */
export function readStart(path: string, count: number): Buffer {
  const start = Buffer.alloc(count);
  const fd = openSync(path, "r");
  try {
    readSync(fd, start);
  } finally {
    closeSync(fd);
  }
  return start;
}

/** The plain bytes of a compressed file. */
export async function* decompress(
  path: string,
  compression: Compression,
  params: DecompressParams,
): Bytes {
  const count = countWithin(path, params);
  try {
    if (compression === "gzip") yield* gunzip(path, count);
    else yield* unzstd(path, count);
  } catch (error) {
    const isOfDisk = (error as NodeJS.ErrnoException | null)?.syscall !== undefined;
    throw isOfDisk || error instanceof DuetMindError ? error : damaged(path, compression, error);
  }
}

async function* gunzip(path: string, count: (bytes: number) => void): Bytes {
  const file = createReadStream(path);
  const stream = createGunzip({ chunkSize: 1 << 18 });
  file.on("error", (error) => stream.destroy(error));
  try {
    for await (const chunk of file.pipe(stream)) {
      count(chunk.length);
      yield chunk;
    }
  } finally {
    file.destroy();
  }
}

async function* unzstd(path: string, count: (bytes: number) => void): Bytes {
  const { Decompress } = await import("fzstd");
  let made: Uint8Array[] = [];
  const decoder = new Decompress((chunk) => {
    count(chunk.length); // here, since one push may make very much
    made.push(chunk);
  });
  for await (const chunk of createReadStream(path)) {
    decoder.push(chunk);
    yield* made;
    made = [];
  }
  decoder.push(new Uint8Array(0), true);
  yield* made;
}

function countWithin(path: string, params: DecompressParams): (bytes: number) => void {
  const { max_bytes: maxBytes = MAX_BYTES, max_ratio: maxRatio = MAX_RATIO } = params;
  const byRatio = Math.max(HARMLESS_BYTES, statSync(path).size * maxRatio);
  let total = 0;
  return (bytes) => {
    total += bytes;
    if (total <= maxBytes && total <= byRatio) return;
    const isSize = total > maxBytes;
    const limit = isSize ? `${maxBytes} bytes` : `${maxRatio} times its size`;
    throw new DuetMindError(
      "BAD_INPUT",
      `${path}: expected at most ${limit} when decompressed, got more`,
      {
        file: path,
        hint: `if the file is to be trusted, raise decompress.${isSize ? "max_bytes" : "max_ratio"} of the source`,
      },
    );
  };
}

function damaged(path: string, compression: Compression, cause: unknown): DuetMindError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const got = /unexpected (end of file|EOF)/i.test(text) ? "one that was cut short" : text;
  return unreadable(path, `a whole ${compression} file, got ${got}`, cause);
}

function unreadable(path: string, expectedAndGot: string, cause?: unknown): DuetMindError {
  return new DuetMindError("FILE_UNREADABLE", `${path}: expected ${expectedAndGot}`, {
    file: path,
    cause,
  });
}
