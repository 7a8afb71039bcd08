import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import type { FileDigest } from "../core/hash.ts";

const BLOCK_BYTES = 1 << 21;

/**
 * Digest of a file, made between other work: after each block the event loop turns once, so that the
 * engine's threads are not kept waiting for their next step.
 */
export async function digestBeside(path: string): Promise<FileDigest> {
  const hash = createHash("sha256");
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  const fd = openSync(path, "r");
  let sizeBytes = 0;
  try {
    for (;;) {
      const read = readSync(fd, block, 0, block.length, null);
      if (read === 0) break;
      hash.update(block.subarray(0, read));
      sizeBytes += read;
      await setImmediate();
    }
  } finally {
    closeSync(fd);
  }
  return { digest: `sha256:${hash.digest("hex")}`, sizeBytes };
}
