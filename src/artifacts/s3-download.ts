import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import type { ByteRange } from "./object-store.ts";
import type { ObjectHead, S3Bucket } from "./s3-bucket.ts";

export type Download = ObjectHead & Readonly<{ bytes: AsyncIterable<Uint8Array> }>;

/**
 * Opens an object, or a range of it, for reading; undefined when there is none. A connection that
 * breaks is taken up again at the byte where it broke, of the same version, a few times. `sizeBytes`
 * is the length of what comes.
 */
export async function openDownload(
  bucket: S3Bucket,
  key: string,
  effects: Effects,
  range?: ByteRange,
): Promise<Download | undefined> {
  const first = await bucket.get(key, range);
  if (first === undefined) return undefined;
  const { body, ...head } = first;
  return { ...head, bytes: readOn(bucket, key, head, body, range?.start ?? 0, effects) };
}

async function* readOn(
  bucket: S3Bucket,
  key: string,
  { sizeBytes, etag }: ObjectHead,
  first: AsyncIterable<Uint8Array>,
  start: number,
  effects: Effects,
): AsyncGenerator<Uint8Array> {
  let body = first;
  let offset = start;
  const end = start + sizeBytes;
  for (let attempt = 1; ; attempt++) {
    try {
      for await (const chunk of body) {
        offset += chunk.length;
        yield chunk;
      }
      if (offset === end) return;
      throw Object.assign(new Error("the connection ended early"), { code: "ECONNRESET" });
    } catch (error) {
      throwIfInterrupted(effects.signal);
      const told = bucket.toError(error, key, "read the object");
      const isAltered = told instanceof DuetMindError && told.code === "CHECKSUM_MISMATCH";
      if (isAltered || attempt === bucket.limits.attempts) throw told;
      if (offset === end) return; // it broke when everything had come
    }
    const rest = await bucket.get(key, { start: offset, end: end - 1, etag });
    if (rest === undefined) throw changed(bucket.nameOf(key));
    body = rest.body;
  }
}

function changed(name: string): DuetMindError {
  return new DuetMindError("CONFLICT", `${name}: expected one version, got another while reading`, {
    hint: "somebody replaced the object meanwhile: run it again",
  });
}
