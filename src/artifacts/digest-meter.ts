import { createHash } from "node:crypto";
import { type Readable, Transform } from "node:stream";
import { DuetMindError } from "../core/errors.ts";
import type { Digest } from "../core/hash.ts";
import type { ByteRange, StoredObject } from "./object-store.ts";

/**
 * Passes bytes through and says at their end what they were; a throw there fails the stream. The last
 * chunk waits for that: who counts on a length, as an HTTP client does, must not have all of the bytes
 * before they are known to be the right ones.
 */
export function digestMeter(atEnd: (found: StoredObject) => void): Transform {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  let held: Buffer | undefined;
  return new Transform({
    readableHighWaterMark: 1 << 20,
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      const earlier = held;
      held = chunk;
      done(null, earlier);
    },
    flush(done) {
      try {
        atEnd({ digest: `sha256:${hash.digest("hex")}`, sizeBytes });
        done(null, held);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

export function checkDigest(subject: string, expected: Digest, found: Digest): void {
  if (found === expected) return;
  throw new DuetMindError("CHECKSUM_MISMATCH", `${subject}: expected ${expected}, got ${found}`, {
    file: subject,
    hint: "the bytes have changed since they were recorded",
  });
}

/** An object that has become too short for a range is damaged. */
export function checkLength(subject: string, { end }: ByteRange, sizeBytes: number): void {
  if (end < sizeBytes) return;
  throw new DuetMindError(
    "CHECKSUM_MISMATCH",
    `${subject}: expected at least ${end + 1} bytes, got ${sizeBytes}`,
    { file: subject, hint: "the bytes have changed since they were recorded" },
  );
}

/** Reads an object to its end: false when its bytes are damaged or gone. */
export async function isIntact(open: () => Promise<Readable>): Promise<boolean> {
  try {
    for await (const _ of await open());
    return true;
  } catch (error) {
    const code = error instanceof DuetMindError ? error.code : undefined;
    if (code === "CHECKSUM_MISMATCH" || code === "NOT_FOUND") return false;
    throw error;
  }
}
