import type { S3Bucket } from "./s3-bucket.ts";
import { partSize } from "./s3-upload.ts";

/** The protocol copies no more in one request. */
const MOST_BYTES = 5 * 2 ** 30;
const PART_BYTES = 2 ** 30;

/** Copies a version of an object inside the bucket; no byte of it passes through here. */
export async function copyObject(
  bucket: S3Bucket,
  source: Readonly<{ key: string; etag: string; sizeBytes: number }>,
  key: string,
  mostBytes = MOST_BYTES,
  partBytes = Math.max(PART_BYTES, partSize(source.sizeBytes)),
): Promise<void> {
  if (source.sizeBytes <= mostBytes) return bucket.copy(source, key);
  const uploadId = await bucket.startUpload(key, false);
  let isObject = false;
  try {
    const parts = [];
    for (let start = 0; start < source.sizeBytes; start += partBytes) {
      const end = Math.min(start + partBytes, source.sizeBytes) - 1;
      parts.push(await bucket.copyPart(source, { start, end }, key, uploadId, parts.length + 1));
    }
    isObject = await bucket.finishUpload(key, uploadId, parts, "any");
  } finally {
    // What cannot be aborted now is found and aborted a day later; the first error counts.
    if (!isObject) await bucket.abortUpload(key, uploadId).catch(() => {});
  }
}
