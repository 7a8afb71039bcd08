import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromWriteError } from "../core/errors.ts";
import { writeStream } from "../core/write-stream.ts";
import { compressionOf, decompress, readStart } from "./decompress.ts";
import type { DecompressParams, Encoding } from "./source-params.ts";
import { markedEncoding, toUtf8 } from "./text-encoding.ts";
import { findBody } from "./text-lines.ts";

/** A text file as the engine reads it: plain UTF-8. */
export type PlainFile = Readonly<{
  path: string;
  /** The file that it was made of, for messages. */
  name: string;
  /** Lines of that file before the first of this one. */
  linesBefore: number;
}>;

export type PlainTextOptions = Readonly<{
  encoding: Encoding;
  decompress: DecompressParams;
  /** For CSV: lines to leave out at the start, and what starts a comment line there. */
  body?: Readonly<{ skip: number; comment: string | undefined }>;
}>;

/**
 * Hands text files to `use` as the engine can read them. Those that are compressed, in another
 * encoding, or start with lines that are no data, are written anew to a folder that goes afterwards.
 */
export async function withPlainText<T>(
  files: readonly string[],
  options: PlainTextOptions,
  use: (files: readonly PlainFile[]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "duetmind-"));
  try {
    const plain: PlainFile[] = [];
    for (const [i, file] of files.entries()) {
      plain.push(await toPlain(file, join(folder, String(i)), options));
    }
    return await use(plain);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function toPlain(
  file: string,
  scratch: string,
  { encoding, decompress: limits, body }: PlainTextOptions,
): Promise<PlainFile> {
  let path = file;
  const compression = compressionOf(file);
  const marked = markedEncoding(readStart(file, 3));
  if (compression !== undefined || encoding !== "utf-8" || marked !== undefined) {
    path = `${scratch}.text`;
    const bytes =
      compression === undefined ? createReadStream(file) : decompress(file, compression, limits);
    await write(path, toUtf8(bytes, file, encoding));
  }
  const { offset, lines } = body === undefined ? START : findBody(path, body.skip, body.comment);
  if (offset > 0) {
    const whole = path;
    path = `${scratch}.body`;
    await write(path, createReadStream(whole, { start: offset }));
    if (whole !== file) await rm(whole);
  }
  return { path, name: file, linesBefore: lines };
}

const START = { offset: 0, lines: 0 };

async function write(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await writeStream([bytes], createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    throw fromWriteError(error, path);
  }
}
