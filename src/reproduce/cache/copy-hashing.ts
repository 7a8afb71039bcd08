import { createHash, hash as hashOnce } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  type Stats,
  writeSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** What went from one file to another, and the file as it was when it was opened. */
export type Copied = Readonly<{ md5: string; stat: Stats }>;

/** Up to this size a file is read whole, so that nothing is written whose md5 is known already. */
export const SMALL_BYTES = 1 << 20;
const BLOCK_BYTES = 4 << 20;

export type SmallFile = Readonly<{ md5: string; bytes: Buffer; stat: Stats }>;

/** Reads and hashes a file; null for one that is not small. */
export function readSmallFile(path: string, space: Buffer): SmallFile | null {
  const fd = openSync(path, "r");
  try {
    const stat = fstatSync(fd);
    if (stat.size > SMALL_BYTES) return null;
    let length = 0;
    for (;;) {
      const read = readSync(fd, space, length, space.length - length, null);
      if (read === 0) break;
      length += read;
      if (length > SMALL_BYTES) return null; // it grows while it is read
      if (length === stat.size) break;
    }
    const bytes = space.subarray(0, length);
    return { md5: hashOnce("md5", bytes, "hex"), bytes, stat };
  } finally {
    closeSync(fd);
  }
}

/** Room for a small file and for the byte that shows it to be a larger one. */
export function smallFileSpace(): Buffer {
  return Buffer.allocUnsafe(SMALL_BYTES + 1);
}

/** Writes a new file; its mode is set when all is in it. */
export function writeNewFile(path: string, bytes: Uint8Array, mode: number | null): void {
  const fd = openSync(path, "wx", 0o666);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    if (mode !== null) fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
}

/**
 * Copies a file of any size and hashes what it copies: the bytes are read once, and one block is
 * written while the next is hashed.
 */
export async function copyHashing(from: string, to: string): Promise<Copied> {
  const source = await open(from, "r");
  try {
    const stat = await source.stat();
    const target = await open(to, "wx", 0o666);
    try {
      return { md5: await pump(source, target), stat };
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function pump(source: FileHandle, target: FileHandle): Promise<string> {
  const hash = createHash("md5");
  let [block, other] = [Buffer.allocUnsafe(BLOCK_BYTES), Buffer.allocUnsafe(BLOCK_BYTES)];
  let writing: Promise<void> = Promise.resolve();
  for (;;) {
    const { bytesRead } = await source.read(block, 0, BLOCK_BYTES, null);
    await writing;
    if (bytesRead === 0) return hash.digest("hex");
    const bytes = block.subarray(0, bytesRead);
    writing = writeAll(target, bytes);
    writing.catch(() => {}); // it is awaited in the next turn, which hears of a failure
    hash.update(bytes);
    [block, other] = [other, block];
  }
}

async function writeAll(target: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await target.write(bytes, at, bytes.length - at, null)).bytesWritten;
  }
}

/** Waits until a file's bytes are on the disk. */
export function syncFile(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
