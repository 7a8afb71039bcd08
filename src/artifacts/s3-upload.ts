import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { Effects } from "../core/effects.ts";
import { fromReadError } from "../core/files.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import type { S3Bucket, UploadedPart, WriteCondition } from "./s3-bucket.ts";

/** Up to this size an object is written in one request; above it in parts of at least this size. */
export const PART_BYTES = 8 << 20;
/** So many parts are in memory and under way at once. */
const PARTS_AT_ONCE = 4;
/** The protocol knows no more parts. */
const MOST_PARTS = 10_000;

/** Sees the digest, in hex, of all bytes that were sent before they become an object. */
export type WholeCheck = Readonly<{
  algorithm: "sha256" | "md5";
  check(hex: string): void;
}>;

/**
 * Uploads a file in parts, each with its SHA-256 for the server to check. Whatever fails, the upload is
 * aborted. False when the condition does not hold.
 *
 * The SDK's own `Upload` is not used: stopping it leaves requests running and the upload behind.
 */
export async function uploadFile(
  bucket: S3Bucket,
  key: string,
  path: string,
  condition: WriteCondition | "any",
  { algorithm, check }: WholeCheck,
  effects: Effects,
): Promise<boolean> {
  const file = await open(path).catch((error) => {
    throw fromReadError(error, path);
  });
  try {
    const partBytes = partSize((await file.stat()).size);
    const uploadId = await bucket.startUpload(key, true);
    let isObject = false;
    try {
      const whole = createHash(algorithm);
      const parts = await sendParts(bucket, key, uploadId, { file, partBytes, whole }, effects);
      check(whole.digest("hex"));
      isObject = await bucket.finishUpload(key, uploadId, parts, condition);
      return isObject;
    } finally {
      // What cannot be aborted now is found and aborted a day later; the first error counts.
      if (!isObject) await bucket.abortUpload(key, uploadId).catch(() => {});
    }
  } finally {
    await file.close();
  }
}

/** Whole MiB, so that the largest file fits into the parts that there may be. */
export function partSize(sizeBytes: number): number {
  const mebibyte = 1 << 20;
  return Math.max(PART_BYTES, Math.ceil(sizeBytes / MOST_PARTS / mebibyte) * mebibyte);
}

/** Reads in order, since the digest needs that, and has a few parts under way at once. */
async function sendParts(
  bucket: S3Bucket,
  key: string,
  uploadId: string,
  { file, partBytes, whole }: Readonly<{ file: FileHandle; partBytes: number; whole: Hash }>,
  effects: Effects,
): Promise<UploadedPart[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([effects.signal, stop.signal]);
  const parts: UploadedPart[] = [];
  const free: Buffer[] = [];
  const underWay = new Set<Promise<void>>();
  let firstError: unknown;
  try {
    for (let number = 1; !signal.aborted; number++) {
      if (underWay.size === PARTS_AT_ONCE) await Promise.race(underWay);
      const buffer = free.pop() ?? Buffer.allocUnsafe(partBytes);
      const bytes = await fill(buffer, file);
      if (bytes.length === 0) break;
      whole.update(bytes);
      const sha256 = createHash("sha256").update(bytes).digest();
      const sending = bucket
        .putPart(key, uploadId, number, { bytes, sha256 }, signal)
        .then(
          (part) => {
            parts[number - 1] = part;
          },
          (error) => {
            firstError ??= error;
            stop.abort();
          },
        )
        .finally(() => {
          underWay.delete(sending);
          free.push(buffer);
        });
      underWay.add(sending);
    }
    await Promise.all(underWay);
  } finally {
    stop.abort();
    await Promise.all(underWay);
  }
  if (firstError !== undefined) throw firstError;
  throwIfInterrupted(effects.signal);
  return parts;
}

/** The next bytes of a file: all that the buffer holds, fewer only at the end. */
async function fill(buffer: Buffer, file: FileHandle): Promise<Buffer> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
