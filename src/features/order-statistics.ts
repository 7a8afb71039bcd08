import type { NumberScan } from "./number-scan.ts";
import { selectRank } from "./select.ts";

/**
 * Exact order statistics of a column that is scanned, not held: a radix selection over the bits of its
 * doubles. The bits of a double, all flipped when it is negative and the first one when it is not,
 * compare as the numbers do. The first pass counts the values by the top 16 of them, which tells the
 * bucket of every rank; each further pass counts within those buckets by 12 bits more. As soon as the
 * buckets hold few values, one pass collects and selects among them. Five passes settle all 64 bits,
 * so many rows with one value cost no memory either.
 *
 *     ranks 1 and 5 of [3, -1, 2, 2, 7, 9]: buckets [-1] [2, 2, 3] [7] [9] → rank 1 is the least of
 *     the second bucket, rank 5 the only value of the last
 */
export function orderStatistics(
  scan: NumberScan,
  present: number,
  ranks: readonly number[],
): readonly number[] {
  const found = new Map<number, number>();
  const sorted = [...new Set(ranks)].sort((a, b) => a - b);
  let open: readonly Bucket[] = [{ high: 0, low: 0, size: present, before: 0, ranks: sorted }];
  for (let level = 0; open.length > 0; level++) {
    if (level === LEVELS.length) {
      for (const bucket of open) {
        for (const rank of bucket.ranks) found.set(rank, toNumber(bucket));
      }
      break;
    }
    if (open.reduce((sum, { size }) => sum + size, 0) <= MOST_COLLECTED) {
      collect(scan, open, level, found);
      break;
    }
    open = split(open, level, countDigits(scan, open, level));
  }
  return ranks.map((rank) => found.get(rank)!);
}

/** 2 MB of doubles. */
const MOST_COLLECTED = 262_144;

/** Values whose first bits are those of `high` and `low`; `before` are smaller. */
type Bucket = Readonly<{
  high: number;
  low: number;
  size: number;
  before: number;
  /** Ascending, all of this bucket. */
  ranks: readonly number[];
}>;

/** What is known of a key when a level begins, and how its digit is put in. */
const LEVELS = [
  { highMask: 0, lowMask: 0, digits: 65_536 },
  { highMask: 0xffff_0000 | 0, lowMask: 0, digits: 4096 },
  { highMask: 0xffff_fff0 | 0, lowMask: 0, digits: 4096 },
  { highMask: -1, lowMask: 0xff00_0000 | 0, digits: 4096 },
  { highMask: -1, lowMask: 0xffff_f000 | 0, digits: 4096 },
] as const;

function digitOf(level: number, high: number, low: number): number {
  if (level === 0) return high >>> 16;
  if (level === 1) return (high >>> 4) & 0xfff;
  if (level === 2) return ((high & 0xf) << 8) | (low >>> 24);
  return level === 3 ? (low >>> 12) & 0xfff : low & 0xfff;
}

function withDigit({ high, low }: Bucket, level: number, digit: number): [number, number] {
  if (level === 0) return [digit << 16, 0];
  if (level === 1) return [high | (digit << 4), 0];
  if (level === 2) return [high | (digit >>> 8), (digit & 0xff) << 24];
  return [high, level === 3 ? low | (digit << 12) : low | digit];
}

/** Calls back with each value in one of the buckets, its place among them and the words of its key. */
function visitOpen(
  scan: NumberScan,
  open: readonly Bucket[],
  level: number,
  visit: (bucket: number, high: number, low: number, value: number) => void,
): void {
  const { highMask, lowMask } = LEVELS[level]!;
  const highs = Int32Array.from(open, ({ high }) => high);
  const lows = Int32Array.from(open, ({ low }) => low);
  const isOpen = new Uint8Array(65_536).fill(level === 0 ? 1 : 0);
  for (const { high } of open) isOpen[high >>> 16] = 1;
  scan((values) => {
    const words = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (Number.isNaN(value)) continue;
      // 0 and -0 are one value
      const signed = value === 0 ? 0 : words[2 * i + 1]!;
      const high = signed ^ ((signed >> 31) | 0x8000_0000);
      if (isOpen[high >>> 16] === 0) continue;
      const low = words[2 * i]! ^ (signed >> 31);
      for (let b = 0; b < highs.length; b++) {
        if (((high ^ highs[b]!) & highMask) !== 0 || ((low ^ lows[b]!) & lowMask) !== 0) continue;
        visit(b, high, low, value);
        break;
      }
    }
  });
}

function countDigits(scan: NumberScan, open: readonly Bucket[], level: number): Uint32Array {
  const { digits } = LEVELS[level]!;
  const counts = new Uint32Array(open.length * digits);
  visitOpen(scan, open, level, (bucket, high, low) => {
    const place = bucket * digits + digitOf(level, high, low);
    counts[place] = counts[place]! + 1;
  });
  return counts;
}

/** The buckets of the next level that hold a rank. */
function split(open: readonly Bucket[], level: number, counts: Uint32Array): readonly Bucket[] {
  const { digits } = LEVELS[level]!;
  return open.flatMap((bucket, b) => {
    const inner: Bucket[] = [];
    let { before } = bucket;
    for (let digit = 0; digit < digits; digit++) {
      const size = counts[b * digits + digit]!;
      const first = before;
      const ranks =
        size === 0 ? [] : bucket.ranks.filter((rank) => rank >= first && rank < first + size);
      if (ranks.length > 0) {
        const [high, low] = withDigit(bucket, level, digit);
        inner.push({ high, low, size, before, ranks });
      }
      before += size;
    }
    return inner;
  });
}

function collect(
  scan: NumberScan,
  open: readonly Bucket[],
  level: number,
  found: Map<number, number>,
): void {
  const held = open.map(({ size }) => new Float64Array(size));
  const counts = new Uint32Array(open.length);
  visitOpen(scan, open, level, (bucket, _high, _low, value) => {
    held[bucket]![counts[bucket]!] = value;
    counts[bucket] = counts[bucket]! + 1;
  });
  for (const [b, { before, ranks }] of open.entries()) {
    // -0 is written 0, since which of the two stands at a rank would depend on the order of the rows
    for (const rank of ranks) found.set(rank, selectRank(held[b]!, rank - before) + 0);
  }
}

function toNumber({ high, low }: Bucket): number {
  const flip = high < 0 ? 0x8000_0000 : -1;
  const words = Int32Array.of(high < 0 ? low : ~low, high ^ flip);
  return new Float64Array(words.buffer)[0]!;
}

/** The quantiles of the values, linear between order statistics (numpy's default, R's type 7). */
export function quantiles(
  ranked: (ranks: readonly number[]) => readonly number[],
  present: number,
  asked: readonly number[],
): readonly number[] {
  const places = asked.map((q) => (present - 1) * q);
  const values = ranked(places.flatMap((place) => [Math.floor(place), Math.ceil(place)]));
  return places.map((place, i) => {
    const [low, high] = [values[2 * i]!, values[2 * i + 1]!];
    const below = Math.floor(place);
    return place === below ? low : low + (place - below) * (high - low);
  });
}
