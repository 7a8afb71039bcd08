import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { digestMeter } from "../artifacts/digest-meter.ts";
import type { StoredObject } from "../artifacts/object-store.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import type { Effects } from "../core/effects.ts";
import { publishContent, removeLeftovers } from "../core/files.ts";
import { type Digest, digestFile, isDigest } from "../core/hash.ts";
import { writeStream } from "../core/write-stream.ts";
import { DATA_FORMATS } from "../table/source-params.ts";

/**
 * What a source has fetched, in its own folder: one file named by its SHA-256, and `state.json`, which
 * is written after it and so decides what is there. A kill leaves the old pair, or the new file that
 * nothing names yet; both are cleared when the next state is written.
 */
const digest = z.custom<Digest>(isDigest);
const count = z.int().nonnegative();

const part = z.strictObject({
  /** Digest of the page's position (http-pages.ts). */
  page: digest,
  /** Position of the page after it. */
  next: z.string().nullable(),
  etag: z.string().nullable(),
  last_modified: z.string().nullable(),
  /** Of its rows in the file. */
  size_bytes: count,
  rows: count,
});
/** One answer, and what tells whether it is still current. */
export type Part = Readonly<z.infer<typeof part>>;

const staged = z.strictObject({
  schema_version: z.literal(1),
  /** Digest of all that decides what is asked for. */
  request: digest,
  file: z.string().regex(/^[0-9a-f]{64}[.a-z]*$/),
  sha256: digest,
  format: z.enum(DATA_FORMATS),
  /** In the order of their bytes in the file. */
  parts: z.array(part).min(1),
});
export type Staged = Readonly<z.infer<typeof staged>>;

const STATE = "state.json";
const INCOMING = "incoming";

/** What was fetched for the same request, if its bytes are still the same. */
export async function readStaged(
  folder: string,
  request: Digest,
  effects: Effects,
): Promise<Staged | undefined> {
  const path = join(folder, STATE);
  if (!existsSync(path)) return undefined;
  const text = new TextDecoder().decode(await effects.files.readBytes(path));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined; // a lost state costs a fetch
  }
  const { data } = staged.safeParse(json);
  if (data?.request !== request) return undefined;
  const file = join(folder, data.file);
  return existsSync(file) && digestFile(file).digest === data.sha256 ? data : undefined;
}

/** Streams chunks to the folder's incoming file, synced, and says what they were. */
export function receive(
  folder: string,
  chunks: AsyncIterable<Uint8Array>,
  effects: Effects,
): Promise<StoredObject> {
  return effects.files.publish(join(folder, INCOMING), async (temporary) => {
    let found: StoredObject | undefined;
    const meter = digestMeter((stored) => {
      found = stored;
    });
    await writeStream([chunks, meter], createWriteStream(temporary));
    return found!;
  });
}

/** Names the incoming file, then writes the state that names it, then clears what no state names. */
export async function commitStaged(
  folder: string,
  state: Omit<Staged, "schema_version">,
  effects: Effects,
): Promise<Staged> {
  const made: Staged = { schema_version: 1, ...state };
  await rename(join(folder, INCOMING), join(folder, made.file));
  await publishContent(effects.files, join(folder, STATE), `${canonicalJson(made)}\n`);
  for (const name of await readdir(folder)) {
    if (name !== made.file && name !== STATE) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
  return made;
}

/** Clears what a killed fetch left of the incoming file. */
export function clearIncoming(folder: string): void {
  removeLeftovers(join(folder, INCOMING));
}

/** The first bytes of the incoming file. */
export async function readHead(folder: string, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const options = { end: bytes - 1 };
  for await (const chunk of createReadStream(join(folder, INCOMING), options)) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** Bytes of the staged file. */
export function readRange(
  folder: string,
  { file }: Staged,
  start: number,
  sizeBytes: number,
): AsyncIterable<Uint8Array> {
  const path = join(folder, file);
  return createReadStream(path, { start, end: start + sizeBytes - 1, highWaterMark: 1 << 20 });
}
