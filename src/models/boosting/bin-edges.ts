/**
 * Cuts a feature into at most 255 bins of about equal row counts, once, before the first tree.
 *
 * Bin b holds edges[b - 1] < x <= edges[b]; the last bin has no upper edge. An edge is a float32 that
 * lies between two values of the data, so `x <= edge` in a float32 scorer is the same question as
 * `bin <= b` here. Edges come from ranks alone: a monotone transform of a feature moves the edges
 * with the values, and every row keeps its bin.
 */
export const MISSING_BIN = 255;

/** Edges for the values of one column, missing ones left out. `sorted` is ascending. */
export function findBinEdges(sorted: Float32Array, maxBins: number): Float32Array {
  const edges: number[] = [];
  const distinct = countDistinct(sorted, maxBins);
  let rowsLeft = sorted.length;
  let binsLeft = maxBins;
  let inBin = 0;
  for (let i = 0; i < sorted.length - 1; i++) {
    inBin++;
    const value = sorted[i]!;
    const next = sorted[i + 1]!;
    if (value === next) continue;
    // few values: a bin each; many: close the bin that holds its share of the rows still to place
    if (distinct <= maxBins || inBin * binsLeft >= rowsLeft) {
      edges.push(between(value, next));
      rowsLeft -= inBin;
      binsLeft--;
      inBin = 0;
      if (binsLeft === 1) break;
    }
  }
  return Float32Array.from(edges);
}

/** Number of distinct values, or limit + 1 when there are more. */
function countDistinct(sorted: Float32Array, limit: number): number {
  let distinct = sorted.length === 0 ? 0 : 1;
  for (let i = 1; i < sorted.length && distinct <= limit; i++) {
    if (sorted[i] !== sorted[i - 1]) distinct++;
  }
  return distinct;
}

/** A float32 t with low <= t < high. */
function between(low: number, high: number): number {
  const middle = Math.fround(low + (high - low) / 2);
  return middle >= low && middle < high ? middle : low;
}

/** The bin of every value; MISSING_BIN for NaN. */
export function binColumn(values: Float32Array, edges: Float32Array): Uint8Array {
  const bins = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) {
      bins[i] = MISSING_BIN;
      continue;
    }
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value <= edges[middle]!) high = middle;
      else low = middle + 1;
    }
    bins[i] = low;
  }
  return bins;
}
