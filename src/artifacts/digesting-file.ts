import { createHash } from "node:crypto";
import { close, open, writev } from "node:fs";
import { Writable } from "node:stream";
import type { StoredObject } from "./object-store.ts";

/** Handing a write to a thread costs more than hashing the 64 KiB that a socket gives at a time. */
const WRITE_BYTES = 1 << 20;

/**
 * A new file that takes a stream, many chunks to a write, and says at its end what it was given.
 */
export function createDigestingFile(
  path: string,
): Readonly<{ stream: Writable; found(): StoredObject }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  let fd: number | undefined;
  let held: Buffer[] = [];
  let heldBytes = 0;

  function hold(chunk: Buffer): void {
    hash.update(chunk);
    sizeBytes += chunk.length;
    held.push(chunk);
    heldBytes += chunk.length;
  }

  function write(done: (error?: Error | null) => void, chunks = held, bytes = heldBytes): void {
    [held, heldBytes] = [[], 0];
    writev(fd!, chunks, null, (error, written) => {
      if (error !== null) return done(error);
      if (written === bytes) return done();
      write(done, after(chunks, written), bytes - written); // a disk that is nearly full
    });
  }

  const stream = new Writable({
    highWaterMark: WRITE_BYTES,
    construct(done) {
      open(path, "wx", 0o600, (error, opened) => {
        fd = opened;
        done(error);
      });
    },
    write(chunk: Buffer, _encoding, done) {
      hold(chunk);
      if (heldBytes < WRITE_BYTES) done();
      else write(done);
    },
    // what has come during a write, without a call and an answer for each chunk
    writev(waiting: readonly Readonly<{ chunk: Buffer }>[], done) {
      for (const { chunk } of waiting) hold(chunk);
      if (heldBytes < WRITE_BYTES) done();
      else write(done);
    },
    final(done) {
      if (heldBytes === 0) done();
      else write(done);
    },
    destroy(error, done) {
      if (fd === undefined) done(error);
      else close(fd, (failure) => done(error ?? failure));
    },
  });
  return { stream, found: () => ({ digest: `sha256:${hash.digest("hex")}`, sizeBytes }) };
}

/** What is left of some chunks when so many bytes of them are written. */
function after(chunks: readonly Buffer[], bytes: number): Buffer[] {
  let skipped = bytes;
  return chunks.flatMap((chunk) => {
    const from = Math.min(skipped, chunk.length);
    skipped -= from;
    return from === chunk.length ? [] : [chunk.subarray(from)];
  });
}
