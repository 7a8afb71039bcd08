import { createHash } from "node:crypto";
import { Transform } from "node:stream";
import { DuetMindError } from "../core/errors.ts";
import type { Digest } from "../core/hash.ts";
import type { StoredObject } from "./object-store.ts";

/** Passes bytes through and says at their end what they were; a throw there fails the stream. */
export function digestMeter(atEnd: (found: StoredObject) => void): Transform {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  return new Transform({
    readableHighWaterMark: 1 << 20,
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      try {
        atEnd({ digest: `sha256:${hash.digest("hex")}`, sizeBytes });
        done();
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
