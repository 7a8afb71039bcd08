import { createHash } from "node:crypto";
import { log } from "./math.ts";

/**
 * The seeded generator behind every random choice that is recorded.
 *
 * Algorithm: xoshiro128** 1.1 (Blackman and Vigna, 2018), 32-bit words, period 2^128 - 1. Its state is
 * the first 16 bytes of SHA-256("duetmind.random.v1" ␀ seed ␀ label ␀ label …), little endian, so a
 * stream depends on its seed and its labels alone: `split` costs no draw and gives independent streams.
 *
 *     const random = createRandom(42).split("bootstrap");
 *     random.uniform();      // in [0, 1), 53 bits
 *     random.integer(10);    // 0..9, without modulo bias
 */
export type Random = Readonly<{
  /** 32 random bits, 0..2^32-1. */
  bits(): number;
  /** In [0, 1), a multiple of 2^-53. */
  uniform(): number;
  /** In 0..bound-1; bound at most 2^32. */
  integer(bound: number): number;
  /** Standard normal, Marsaglia's polar method. */
  normal(): number;
  /** An independent stream named by a label. */
  split(label: string | number): Random;
}>;

export function createRandom(seed: number | string): Random {
  return fromKey(["duetmind.random.v1", String(seed)]);
}

function fromKey(key: readonly string[]): Random {
  const hash = createHash("sha256").update(key.join("\u0000")).digest();
  let a = hash.readUInt32LE(0);
  let b = hash.readUInt32LE(4);
  let c = hash.readUInt32LE(8);
  let d = hash.readUInt32LE(12) | 1; // the all-zero state is the one that never leaves itself
  let spare: number | undefined;

  function bits(): number {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return result;
  }

  function uniform(): number {
    const high = bits() >>> 5; // 27 bits
    const low = bits() >>> 6; // 26 bits
    return (high * 67108864 + low) / 9007199254740992;
  }

  function integer(bound: number): number {
    const limit = 4294967296 - (4294967296 % bound);
    let draw = bits();
    while (draw >= limit) draw = bits();
    return draw % bound;
  }

  function normal(): number {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const scale = Math.sqrt((-2 * log(s)) / s);
      spare = v * scale;
      return u * scale;
    }
  }

  return { bits, uniform, integer, normal, split: (label) => fromKey([...key, String(label)]) };
}

function rotate(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

/** Fisher-Yates, in place. */
export function shuffle(items: { length: number; [i: number]: number }, random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const swap = items[i]!;
    items[i] = items[j]!;
    items[j] = swap;
  }
}
