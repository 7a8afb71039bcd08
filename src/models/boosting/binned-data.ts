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
  /** rowCount × featureCount. */
  rows: Uint8Array;
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
  const featureCount = columns.length;
  const rows = new Uint8Array(matrix.rowCount * featureCount);
  for (let feature = 0; feature < featureCount; feature++) {
    const column = columns[feature]!;
    for (let row = 0, at = feature; row < column.length; row++, at += featureCount) {
      rows[at] = column[row]!;
    }
  }
  return { rowCount: matrix.rowCount, featureCount, edges, columns, rows };
}
