import { MISSING_BIN } from "./bin-edges.ts";
import type { BinnedData } from "./binned-data.ts";

/** A tree over bins, nodes in the order they were made; a leaf has feature -1. */
export type BinnedTree = Readonly<{
  feature: readonly number[];
  bin: readonly number[];
  missingLeft: readonly boolean[];
  left: readonly number[];
  right: readonly number[];
  /** Float32 value of a leaf, the learning rate applied. */
  value: readonly number[];
  gain: readonly number[];
}>;

/** Adds the tree's answer for every row to the raw scores. */
export function addTree(tree: BinnedTree, data: BinnedData, raw: Float64Array): void {
  const { feature, bin, missingLeft, left, right, value } = tree;
  const columns = feature.map((split) => (split < 0 ? null : data.columns[split]!));
  for (let row = 0; row < data.rowCount; row++) {
    let node = 0;
    for (let column = columns[0]; column; column = columns[node]) {
      const code = column[row]!;
      const goesLeft = code === MISSING_BIN ? missingLeft[node]! : code <= bin[node]!;
      node = goesLeft ? left[node]! : right[node]!;
    }
    raw[row] = raw[row]! + value[node]!;
  }
}
