import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";

const BLOCK = 1 << 20;
const SAMPLE = 512;

/**
 * The md5 that DVC 2.x gave a file: of a text (by the look of its first bytes) with CRLF made LF, block
 * by block of 1 MiB; a pair that two blocks share stays, as it stayed there.
 */
export function hashLegacyFile(path: string): string {
  const hash = createHash("md5");
  const block = Buffer.allocUnsafe(BLOCK);
  const fd = openSync(path, "r");
  try {
    let isText: boolean | undefined;
    for (;;) {
      const read = readSync(fd, block, 0, BLOCK, null);
      if (read === 0) break;
      const bytes = block.subarray(0, read);
      isText ??= looksLikeText(bytes.subarray(0, SAMPLE));
      hash.update(isText ? withoutReturns(bytes) : bytes);
    }
  } finally {
    closeSync(fd);
  }
  return hash.digest("hex");
}

/** No NUL, and at most 30 % of bytes that no plain text has. */
export function looksLikeText(sample: Uint8Array): boolean {
  let odd = 0;
  for (const byte of sample) {
    if (byte === 0) return false;
    const isText = (byte >= 32 && byte < 127) || (byte >= 8 && byte <= 13 && byte !== 11);
    if (!isText) odd += 1;
  }
  return odd <= 0.3 * sample.length;
}

function withoutReturns(bytes: Buffer): Buffer {
  if (!bytes.includes("\r\n")) return bytes;
  return Buffer.from(bytes.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
}
