import type { Random } from "../../core/random.ts";
import type { Matrix } from "../matrix.ts";
import { sampleRows } from "../sample-rows.ts";
import { binColumn, findBinEdges } from "./bin-edges.ts";

/** Edges need no more rows than this; the sample is drawn once for all columns. */
const EDGE_SAMPLE = 200_000;

/** Rows as bin numbers, kept twice: column-major to partition, row-major to fill histograms. */
export type BinnedData = Readonly<{
  rowCount: number;
  featureCount: number;
  edges: readonly Float32Array[];
  columns: readonly Uint8Array[];
  /** Row-major, the bins of four features in one word: the first feature in the lowest byte. */
  words: Uint32Array;
  wordsPerRow: number;
}>;

export function learnEdges(matrix: Matrix, maxBins: number, random: Random): Float32Array[] {
  const sample =
    matrix.rowCount > EDGE_SAMPLE ? sampleRows(matrix.rowCount, EDGE_SAMPLE, random) : null;
  return matrix.columns.map((column) => {
    const present = new Float32Array(sample?.length ?? matrix.rowCount);
    let size = 0;
    for (let i = 0; i < present.length; i++) {
      const value = column[sample === null ? i : sample[i]!]!;
      if (!Number.isNaN(value)) present[size++] = value;
    }
    return findBinEdges(present.subarray(0, size).sort(), maxBins);
  });
}

export function toBinnedData(matrix: Matrix, edges: readonly Float32Array[]): BinnedData {
  const columns = matrix.columns.map((column, feature) => binColumn(column, edges[feature]!));
  const wordsPerRow = Math.ceil(columns.length / 4);
  const words = new Uint32Array(matrix.rowCount * wordsPerRow);
  columns.forEach((column, feature) => {
    const shift = (feature % 4) * 8;
    let at = feature >> 2;
    for (let row = 0; row < column.length; row++, at += wordsPerRow) {
      words[at] = words[at]! | (column[row]! << shift);
    }
  });
  const { rowCount } = matrix;
  return { rowCount, featureCount: columns.length, edges, columns, words, wordsPerRow };
}
