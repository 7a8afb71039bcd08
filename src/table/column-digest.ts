import { createHash } from "node:crypto";
import { type Digest, digestJson } from "../core/hash.ts";
import type { VectorView } from "./chunk-values.ts";
import { isValid } from "./chunk-values.ts";

const BLOCK_ROWS = 4096;

export type NumberSummary = Readonly<{
  missing: number;
  min: number | null;
  max: number | null;
  mean: number | null;
  std: number | null;
  digest: Digest;
  /** Each value is there and larger than the one before, so no two rows are the same. */
  isIncreasing: boolean;
}>;

export type ColumnAccumulator = Readonly<{
  /** Takes the rows of one chunk; `first` is the row number of its first. */
  add(view: VectorView, first: number): void;
  finish(): NumberSummary;
}>;

/**
 * Digest and statistics of a column that streams by as doubles, in one pass and in row order: so the
 * sums, and with them mean and std, are the same whatever the number of threads.
 *
 * The digest is SHA-256 over the little-endian doubles, with 0 for a missing value, and over the row
 * numbers of the missing ones. Mean and std are merged from blocks of 4,096 rows after Chan, Golub
 * and LeVeque (1979), which keeps their digits whatever the size of the values.
 */
export function accumulateDoubles(): ColumnAccumulator {
  const hashes = createColumnHashes();
  const scratch = new Float64Array(2048);
  const block = newBlock();
  let inBlock = 0;
  let known = 0;
  let mean = 0;
  let squares = 0;

  function endBlock(): void {
    if (block.known > 0) {
      const blockMean = block.shift + block.sum / block.known;
      const blockM2 = block.squares - (block.sum * block.sum) / block.known;
      const delta = blockMean - mean;
      const all = known + block.known;
      mean += (delta * block.known) / all;
      squares += blockM2 + (delta * delta * known * block.known) / all;
      known = all;
    }
    inBlock = 0;
    block.known = 0;
    block.sum = 0;
    block.squares = 0;
  }

  return {
    add(view, first) {
      const rows = view.items.length;
      const values = scratch.subarray(0, rows);
      values.set(view.items as Float64Array);
      if (view.validity !== null) {
        for (let i = 0; i < rows; i++) if (!isValid(view, i)) values[i] = Number.NaN;
      }
      for (let from = 0; from < rows; ) {
        const to = Math.min(rows, from + BLOCK_ROWS - inBlock);
        addToBlock(block, values, from, to, first, hashes);
        inBlock += to - from;
        from = to;
        if (inBlock === BLOCK_ROWS) endBlock();
      }
      hashes.values(values);
    },
    finish() {
      endBlock();
      const { missing, digest } = hashes.finish("double");
      return {
        missing,
        min: finite(known === 0 ? Number.NaN : block.min),
        max: finite(known === 0 ? Number.NaN : block.max),
        mean: finite(known === 0 ? Number.NaN : mean),
        std: finite(known < 2 ? Number.NaN : Math.sqrt(Math.max(0, squares) / (known - 1))),
        digest,
        isIncreasing: block.isIncreasing,
      };
    },
  };
}

/** Sums of a block, about its first value; least, greatest and order are those of the whole column. */
type Block = {
  known: number;
  shift: number;
  sum: number;
  squares: number;
  min: number;
  max: number;
  previous: number;
  isIncreasing: boolean;
};

function newBlock(): Block {
  return {
    known: 0,
    shift: 0,
    sum: 0,
    squares: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    previous: Number.NEGATIVE_INFINITY,
    isIncreasing: true,
  };
}

/**
 * Adds values to a block, and makes the missing ones 0. A function of its own, with its state in
 * locals: written inside the closures above it takes three times as long.
 */
function addToBlock(
  block: Block,
  values: Float64Array,
  from: number,
  to: number,
  first: number,
  hashes: Readonly<{ missing(row: number): void }>,
): void {
  let { known, shift, sum, squares, min, max, previous, isIncreasing } = block;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) {
      hashes.missing(first + i);
      values[i] = 0;
      isIncreasing = false;
      continue;
    }
    if (value <= previous) isIncreasing = false;
    previous = value;
    if (value < min) min = value;
    if (value > max) max = value;
    if (known === 0) shift = value;
    known++;
    const centred = value - shift;
    sum += centred;
    squares += centred * centred;
  }
  block.known = known;
  block.shift = shift;
  block.sum = sum;
  block.squares = squares;
  block.min = min;
  block.max = max;
  block.previous = previous;
  block.isIncreasing = isIncreasing;
}

/** Digest alone of a column that streams by as doubles: the same as that of `accumulateDoubles`. */
export function digestDoubles(): ColumnAccumulator {
  const hashes = createColumnHashes();
  const scratch = new Float64Array(2048);
  return {
    add(view, first) {
      const items = view.items as Float64Array;
      if (view.validity === null && !hasNan(items)) {
        hashes.values(items);
        return;
      }
      const values = scratch.subarray(0, items.length);
      values.set(items);
      for (let i = 0; i < values.length; i++) {
        if (isValid(view, i) && !Number.isNaN(values[i]!)) continue;
        hashes.missing(first + i);
        values[i] = 0;
      }
      hashes.values(values);
    },
    finish: () => ({ ...NO_STATISTICS, ...hashes.finish("double") }),
  };
}

function hasNan(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i]!)) return true;
  return false;
}

const NO_STATISTICS = { min: null, max: null, mean: null, std: null, isIncreasing: false };

/** Digest of a column of 64-bit integers that doubles cannot hold, such as nanoseconds. */
export function accumulateIntegers(): ColumnAccumulator {
  const hashes = createColumnHashes();
  const scratch = new BigInt64Array(2048);
  return {
    add(view, first) {
      const values = scratch.subarray(0, view.items.length);
      const { buffer, byteOffset, length } = view.items;
      values.set(new BigInt64Array(buffer, byteOffset, length));
      if (view.validity !== null) {
        for (let i = 0; i < values.length; i++) {
          if (isValid(view, i)) continue;
          hashes.missing(first + i);
          values[i] = 0n;
        }
      }
      hashes.values(values);
    },
    finish: () => ({ ...NO_STATISTICS, ...hashes.finish("int64") }),
  };
}

function createColumnHashes() {
  const values = createHash("sha256");
  const nulls = createHash("sha256");
  const places: number[] = [];
  let missing = 0;

  function flush(): void {
    nulls.update(new Uint8Array(Float64Array.from(places).buffer));
    places.length = 0;
  }

  return {
    values(items: Float64Array | BigInt64Array): void {
      values.update(new Uint8Array(items.buffer, items.byteOffset, items.byteLength));
    },
    missing(row: number): void {
      missing++;
      if (places.push(row) === 4096) flush();
    },
    finish(encoding: string): Readonly<{ missing: number; digest: Digest }> {
      flush();
      const digest = digestJson([encoding, values.digest("hex"), nulls.digest("hex")]);
      return { missing, digest };
    },
  };
}

/** JSON holds no infinity; a record says null there. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
