import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { fromReadError } from "../core/files.ts";
import { type Digest, digestFile, digestHex, isDigest } from "../core/hash.ts";
import { writeStream } from "../core/write-stream.ts";
import { checkDigest, checkLength, digestMeter, isIntact } from "./digest-meter.ts";
import { subjectOf, withIncoming } from "./incoming.ts";
import type { ByteRange, ObjectStore, StoredObject } from "./object-store.ts";
import type { S3Bucket, WriteCondition } from "./s3-bucket.ts";
import { openDownload } from "./s3-download.ts";
import { isBrokenConnection } from "./s3-error.ts";
import { abortLeftovers } from "./s3-leftovers.ts";
import { createS3Transfers } from "./s3-transfers.ts";
import { PART_BYTES, uploadFile } from "./s3-upload.ts";
import { takeHead } from "./take-head.ts";

export type S3StoreOptions = Readonly<{
  bucket: S3Bucket;
  /** Of every key: "" or a text that ends in a slash. */
  prefix: string;
  /** Where streams of unknown length wait for their digest. */
  incoming: string;
}>;

/** So small that sending costs less than asking first whether the object is there. */
const SMALL_BYTES = 1 << 16;
/** So often a damaged object, or one that others write too, is looked at again. */
const ROUNDS = 5;

/**
 * Objects in a bucket: `<prefix>sha256/ab/cdef…`, the layout of the folder store.
 *
 * A key is the digest of its bytes, so the digest comes first: small ones are hashed in memory, files
 * where they are, long streams in a file on the way. An object is published by one conditional write
 * (`If-None-Match: *`): of many writers one wins, the others find it there, read it and agree.
 */
export function createS3Store(
  { bucket, prefix, incoming }: S3StoreOptions,
  effects: Effects,
): ObjectStore {
  const objects = `${prefix}sha256/`;
  let swept: Promise<void> | undefined;

  function keyOf(digest: Digest): string {
    if (!isDigest(digest)) {
      throw new DuetMindError("BAD_INPUT", `artifact: expected a sha256 digest, got "${digest}"`);
    }
    const hex = digestHex(digest);
    return `${objects}${hex.slice(0, 2)}/${hex.slice(2)}`;
  }

  async function putBytes(bytes: Buffer, subject: string, expected?: Digest) {
    const sha256 = createHash("sha256").update(bytes).digest();
    const digest: Digest = `sha256:${sha256.toString("hex")}`;
    if (expected !== undefined) checkDigest(subject, expected, digest);
    const stored = { digest, sizeBytes: bytes.length };
    const write = (condition: WriteCondition) =>
      bucket.put(keyOf(digest), { bytes, sha256 }, condition);
    if (bytes.length > SMALL_BYTES || !(await write("absent"))) await settle(stored, write);
    return stored;
  }

  async function putFile(path: string, digest: Digest, subject: string): Promise<StoredObject> {
    swept ??= abortLeftovers(bucket, objects, effects);
    await swept;
    const { size } = await stat(path);
    const stored = { digest, sizeBytes: size };
    const key = keyOf(digest);
    await settle(stored, (condition) => {
      const check = (hex: string) => checkDigest(subject, digest, `sha256:${hex}`);
      const whole = { algorithm: "sha256", check } as const;
      return uploadFile(bucket, key, path, condition, whole, effects);
    });
    return stored;
  }

  /** Leaves with the object in its place and intact, whoever wrote it; a damaged one is replaced. */
  async function settle(
    stored: StoredObject,
    write: (condition: WriteCondition) => Promise<boolean>,
  ): Promise<void> {
    const key = keyOf(stored.digest);
    for (let round = 0; round < ROUNDS; round++) {
      const found = await bucket.head(key);
      if (found?.sizeBytes === stored.sizeBytes && (await isIntact(() => open(stored.digest))))
        return;
      if (await wasWritten(key, () => write(found ?? "absent"))) return;
    }
    throw new DuetMindError(
      "CONFLICT",
      `${bucket.nameOf(key)}: expected to write the object, got other writers ${ROUNDS} times`,
      { hint: "run it again" },
    );
  }

  /** A server that refuses a write early may close the connection before its answer is read. */
  async function wasWritten(key: string, write: () => Promise<boolean>): Promise<boolean> {
    try {
      return await write();
    } catch (error) {
      if (isBrokenConnection(error) && (await bucket.head(key)) !== undefined) return false;
      throw error;
    }
  }

  async function open(digest: Digest, range?: ByteRange): Promise<Readable> {
    const key = keyOf(digest);
    const found = await openDownload(bucket, key, effects, range);
    if (found === undefined) {
      const expected = `${digest}: expected an object in the store, got none`;
      throw new DuetMindError("NOT_FOUND", expected, { file: bucket.nameOf(key) });
    }
    if (range !== undefined) {
      checkLength(bucket.nameOf(key), range, range.start + found.sizeBytes);
      return Readable.from(found.bytes);
    }
    const meter = digestMeter(({ digest: got }) => checkDigest(bucket.nameOf(key), digest, got));
    pipeline(Readable.from(found.bytes), meter, () => {}); // an error reaches the reader by the meter
    return meter;
  }

  return {
    direct: createS3Transfers({ bucket, folder: `${prefix}uploads/`, keyOf, settle }, effects),
    async put(source, expected) {
      const subject = subjectOf(source);
      if ("path" in source) {
        const size = await sizeOfFile(source.path);
        if (size <= PART_BYTES) return putBytes(await readWhole(source.path), subject, expected);
        if (expected === undefined || (await bucket.head(keyOf(expected))) !== undefined) {
          const { digest } = digestFile(source.path);
          if (expected !== undefined) checkDigest(subject, expected, digest);
          return putFile(source.path, digest, subject);
        }
        return putFile(source.path, expected, subject);
      }
      const head = await takeHead(source.stream, PART_BYTES);
      if (head.rest === undefined) return putBytes(head.whole, subject, expected);
      return withIncoming(incoming, { stream: head.rest }, effects, (temporary, { digest }) => {
        if (expected !== undefined) checkDigest(subject, expected, digest);
        return putFile(temporary, digest, subject);
      });
    },
    get: open,
    async copyTo(digest, path) {
      await effects.files.publish(path, async (temporary) => {
        await writeStream([await open(digest)], createWriteStream(temporary));
      });
    },
    async has(digest) {
      return (await bucket.head(keyOf(digest))) !== undefined;
    },
    async *list() {
      for await (const { key, sizeBytes } of bucket.list(objects)) {
        const digest: Digest = `sha256:${key.slice(objects.length).replace("/", "")}`;
        if (isDigest(digest) && key === keyOf(digest)) yield { digest, sizeBytes };
      }
    },
    async delete(digest) {
      const key = keyOf(digest);
      if ((await bucket.head(key)) === undefined) return false;
      await bucket.delete(key);
      return true;
    },
  };
}

async function sizeOfFile(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw fromReadError(error, path);
  }
}

async function readWhole(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw fromReadError(error, path);
  }
}
