import type { BinnedData } from "./binned-data.ts";

/** Bins a feature in a histogram: 255 for values and one, the last, for missing ones. */
export const BIN_STRIDE = 256;

/**
 * Sums of gradient and hessian (side by side) and row counts for every feature and bin of one node.
 * A row adds to every feature in turn, so each bin sums its rows in row order: the result does not
 * depend on how features are spread over threads.
 */
export type Histogram = Readonly<{ sums: Float64Array; counts: Uint32Array }>;

export function createHistogram(featureCount: number): Histogram {
  return {
    sums: new Float64Array(featureCount * BIN_STRIDE * 2),
    counts: new Uint32Array(featureCount * BIN_STRIDE),
  };
}

/** Fills a histogram from the rows of one node. */
export function fillHistogram(
  histogram: Histogram,
  data: BinnedData,
  nodeRows: Uint32Array,
  gradient: Float32Array,
  hessian: Float32Array,
): void {
  const { sums, counts } = histogram;
  const { rows, featureCount } = data;
  sums.fill(0);
  counts.fill(0);
  for (let i = 0; i < nodeRows.length; i++) {
    const row = nodeRows[i]!;
    const g = gradient[row]!;
    const h = hessian[row]!;
    const end = (row + 1) * featureCount;
    for (let at = row * featureCount, offset = 0; at < end; at++, offset += BIN_STRIDE) {
      const bin = offset + rows[at]!;
      const slot = bin << 1;
      sums[slot] = sums[slot]! + g;
      sums[slot + 1] = sums[slot + 1]! + h;
      counts[bin] = counts[bin]! + 1;
    }
  }
}

/** parent -= child: what is left is the histogram of the other child. */
export function subtractHistogram(parent: Histogram, child: Histogram): void {
  const { sums, counts } = parent;
  for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! - child.sums[i]!;
  for (let i = 0; i < counts.length; i++) counts[i] = counts[i]! - child.counts[i]!;
}
