import { createHash, hash as hashOnce } from "node:crypto";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  type Stats,
  writeSync,
} from "node:fs";
import { setImmediate } from "node:timers/promises";

/** What went from one file to another, and the file as it was when it was opened. */
export type Copied = Readonly<{ md5: string; stat: Stats }>;

/** Up to this size a file is read whole, so that nothing is written whose md5 is known already. */
export const SMALL_BYTES = 1 << 20;
/** A block stays in a core's cache from its reading to its writing: one of a megabyte costs twice as much. */
const BLOCK_BYTES = 128 << 10;
/** After so many blocks of a copy, whatever else waits has its turn. */
const TURN_BLOCKS = 64;

export type SmallFile = Readonly<{ md5: string; bytes: Buffer; stat: Stats }>;

/** Reads and hashes a file; null for one that is not small. */
export function readSmallFile(path: string, space: Buffer): SmallFile | null {
  const fd = openSync(path, "r");
  try {
    const stat = fstatSync(fd);
    const size = stat.size;
    if (size > SMALL_BYTES) return null;
    let length = 0;
    for (;;) {
      const read = readSync(fd, space, length, space.length - length, null);
      if (read === 0) break;
      length += read;
      if (length > SMALL_BYTES) return null; // it grows while it is read
      if (length === size) break;
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

export function writeNewFile(path: string, bytes: Uint8Array, mode = 0o666): void {
  const fd = openSync(path, "wx", mode);
  try {
    writeWhole(fd, bytes);
  } finally {
    closeSync(fd);
  }
}

function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

/** Copies a file of any size and hashes what it copies: the bytes are read once. */
export async function copyHashing(from: string, to: string): Promise<Copied> {
  const source = openSync(from, "r");
  try {
    const stat = fstatSync(source);
    const target = openSync(to, "wx", 0o666);
    try {
      return { md5: await pump(source, target), stat };
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

async function pump(source: number, target: number): Promise<string> {
  const hash = createHash("md5");
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  for (let blocks = 1; ; blocks++) {
    const bytes = block.subarray(0, readSync(source, block, 0, BLOCK_BYTES, null));
    if (bytes.length === 0) return hash.digest("hex");
    hash.update(bytes);
    writeWhole(target, bytes);
    if (blocks % TURN_BLOCKS === 0) await setImmediate();
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
