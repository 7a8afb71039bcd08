import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Effects } from "../core/effects.ts";
import { fromWriteError } from "../core/errors.ts";
import { fromReadError } from "../core/files.ts";
import { digestFile } from "../core/hash.ts";
import { makeFolder } from "../core/make-folder.ts";
import { writeStream } from "../core/write-stream.ts";
import { createDigestingFile } from "./digesting-file.ts";
import type { ObjectSource, StoredObject } from "./object-store.ts";
import { reflink } from "./reflink.ts";

/**
 * Brings bytes to a temporary file of a folder, where their digest and size become known, and takes
 * the file away afterwards. A file of the user's is taken by reflink where the file system can (no
 * bytes are copied, and a later change of either file leaves the other alone), else copied.
 */
export async function withIncoming<T>(
  folder: string,
  source: ObjectSource,
  effects: Effects,
  use: (temporary: string, stored: StoredObject) => Promise<T>,
): Promise<T> {
  const temporary = join(folder, randomBytes(12).toString("hex"));
  try {
    makeFolder(folder, 0o700);
    await sweep(folder, effects);
    return await use(temporary, await receive(source, temporary));
  } catch (error) {
    throw fromWriteError(error, folder);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** What messages call the bytes that are stored. */
export function subjectOf(source: ObjectSource): string {
  return "path" in source ? source.path : "artifact";
}

/** Fills a temporary file; the digest is that of the bytes which are in it, not of those meant. */
async function receive(source: ObjectSource, temporary: string): Promise<StoredObject> {
  if ("path" in source && (await reflink(source.path, temporary))) return digestFile(temporary);
  const file = createDigestingFile(temporary);
  const bytes = open(source);
  let readError: unknown;
  bytes.once("error", (error) => {
    readError = "path" in source ? fromReadError(error, source.path) : error;
  });
  try {
    await writeStream([bytes], file.stream);
  } catch (error) {
    throw readError ?? error;
  }
  return file.found();
}

function open(source: ObjectSource): Readable {
  if ("path" in source) return createReadStream(source.path, { highWaterMark: 1 << 20 });
  return source.stream instanceof Readable ? source.stream : Readable.from(source.stream);
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether something that a killed process may have left can be taken away: a day later. */
export function isLeftover(startedAt: Date, effects: Effects): boolean {
  return effects.clock.now().getTime() - startedAt.getTime() > DAY_MS;
}

/** Takes away what puts that were killed left behind. */
async function sweep(folder: string, effects: Effects): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const modifiedAt = await stat(path).then(
      (found) => found.mtime,
      () => undefined, // its put has just ended
    );
    if (modifiedAt !== undefined && isLeftover(modifiedAt, effects)) {
      await rm(path, { force: true });
    }
  }
}
