import { createHash, hash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { canonicalJson } from "./canonical-json.ts";

/** A SHA-256 digest as it is written everywhere: `sha256:` and 64 lower-case hex digits. */
export type Digest = `sha256:${string}`;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: unknown): text is Digest {
  return typeof text === "string" && DIGEST.test(text);
}

/** The 64 hex digits of a digest, without the prefix. */
export function digestHex(digest: Digest): string {
  return digest.slice("sha256:".length);
}

export function digestBytes(bytes: Uint8Array | string): Digest {
  return `sha256:${hash("sha256", bytes)}`;
}

/** Digest of a value: SHA-256 of its canonical JSON. */
export function digestJson(value: unknown): Digest {
  return digestBytes(canonicalJson(value));
}

export type FileDigest = Readonly<{ digest: Digest; sizeBytes: number }>;

/** Digest of a file, read in blocks of 1 MiB (64 KiB blocks take twice as long). */
export function digestFile(path: string): FileDigest {
  const { hex, sizeBytes } = hashFile(path, "sha256");
  return { digest: `sha256:${hex}`, sizeBytes };
}

/** Hex digest of a file; md5 is there for DVC's formats only. */
export function hashFile(
  path: string,
  algorithm: "sha256" | "md5",
): Readonly<{ hex: string; sizeBytes: number }> {
  const fd = openSync(path, "r");
  try {
    let sizeBytes = 0;
    for (let read = -1; read !== 0 && sizeBytes < block.length; sizeBytes += read) {
      read = readSync(fd, block, sizeBytes, block.length - sizeBytes, null);
    }
    if (sizeBytes < block.length) {
      return { hex: hash(algorithm, block.subarray(0, sizeBytes)), sizeBytes }; // most files are small
    }
    const stream = createHash(algorithm).update(block);
    for (let read = -1; read !== 0; sizeBytes += read) {
      read = readSync(fd, block, 0, block.length, null);
      stream.update(block.subarray(0, read));
    }
    return { hex: stream.digest("hex"), sizeBytes };
  } finally {
    closeSync(fd);
  }
}

/** Used by one call at a time: nothing in between is asynchronous. */
const block = Buffer.allocUnsafe(1 << 20);
