import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { isLeftover } from "./incoming.ts";
import type { S3Bucket } from "./s3-bucket.ts";

/** Deletes objects that were to be moved to their place within minutes, a day later. */
export async function deleteLeftovers(
  bucket: S3Bucket,
  prefix: string,
  effects: Effects,
): Promise<void> {
  for await (const { key, modifiedAt } of bucket.list(prefix)) {
    if (isLeftover(modifiedAt, effects)) await bucket.delete(key);
  }
}

/**
 * Aborts the uploads that killed processes left, a day later: their parts are not listed as objects,
 * but cost their room until somebody does. Credentials that may not do it can still store.
 */
export async function abortLeftovers(
  bucket: S3Bucket,
  prefix: string,
  effects: Effects,
): Promise<void> {
  try {
    for await (const { key, uploadId, startedAt } of bucket.listUploads(prefix)) {
      if (isLeftover(startedAt, effects)) await bucket.abortUpload(key, uploadId);
    }
  } catch (error) {
    if (!(error instanceof DuetMindError) || error.code !== "STORAGE_REFUSED") throw error;
    effects.progress.note(`warning: uploads left by killed processes stay: ${error.message}`);
  }
}
