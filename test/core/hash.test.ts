import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  digestBytes,
  digestFile,
  digestHex,
  digestJson,
  hashFile,
  isDigest,
} from "../../src/core/hash.ts";

const folder = mkdtempSync(join(tmpdir(), "duetmind-hash-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** FIPS 180-4 examples. */
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

test("digests of text and bytes", () => {
  expect(digestBytes("abc")).toBe(`sha256:${ABC}`);
  expect(digestBytes(new Uint8Array(0))).toBe(`sha256:${EMPTY}`);
  expect(digestHex(digestBytes("abc"))).toBe(ABC);
});

test("a file longer than a block has the digest of its bytes", () => {
  const bytes = Buffer.alloc((1 << 20) * 2 + 5, "duet");
  const path = join(folder, "long");
  writeFileSync(path, bytes);
  expect(digestFile(path)).toEqual({ digest: digestBytes(bytes), sizeBytes: bytes.length });
  writeFileSync(path, "abc");
  expect(hashFile(path, "md5").hex).toBe("900150983cd24fb0d6963f7d28e17f72");
});

test("equal values have one digest", () => {
  expect(digestJson({ a: 1, b: [2] })).toBe(digestJson({ b: [2], a: 1 }));
  expect(digestJson({ a: 1 })).not.toBe(digestJson({ a: 2 }));
});

test("a digest is told from other text", () => {
  expect(isDigest(`sha256:${ABC}`)).toBe(true);
  for (const text of [ABC, `sha256:${ABC.toUpperCase()}`, `sha256:${ABC}0`, "", 5]) {
    expect(isDigest(text)).toBe(false);
  }
});
