import type { FitInput, Importance } from "../learner.ts";
import { LARGEST_FLOAT32 } from "../matrix.ts";
import type { TreeEnsemble } from "../trained-model.ts";
import type { BinnedTree } from "./binned-tree.ts";
import type { BoostingParams } from "./boosting-params.ts";

export type EnsembleParts = Readonly<{
  base: Float64Array;
  edges: readonly Float32Array[];
  /** Training feature → column of the matrix. */
  order: readonly number[];
  input: FitInput<BoostingParams>;
}>;

/** Lays trees end to end with float32 thresholds; the base scores go into the first trees' leaves. */
export function toEnsemble(trees: readonly BinnedTree[], parts: EnsembleParts): TreeEnsemble {
  const outputCount = parts.base.length;
  const all = trees.length > 0 ? trees : Array.from(parts.base, () => SINGLE_LEAF);
  const nodeCount = all.reduce((sum, tree) => sum + tree.feature.length, 0);
  const model = {
    kind: "trees",
    task: parts.input.task,
    featureNames: parts.input.train.matrix.names,
    classCount: parts.input.classCount,
    outputCount,
    treeStarts: new Int32Array(all.length + 1),
    feature: new Int32Array(nodeCount).fill(-1),
    threshold: new Float32Array(nodeCount),
    missingLeft: new Uint8Array(nodeCount),
    left: new Int32Array(nodeCount),
    right: new Int32Array(nodeCount),
    value: new Float32Array(nodeCount),
  } as const satisfies TreeEnsemble;
  let start = 0;
  all.forEach((tree, index) => {
    const base = index < outputCount ? parts.base[index]! : 0;
    for (let i = 0; i < tree.feature.length; i++) {
      const node = start + i;
      const feature = tree.feature[i]!;
      if (feature < 0) {
        model.value[node] = base + tree.value[i]!;
        continue;
      }
      model.feature[node] = parts.order[feature]!;
      // the cut after the last bin parts present from missing
      model.threshold[node] = parts.edges[feature]![tree.bin[i]!] ?? LARGEST_FLOAT32;
      model.missingLeft[node] = tree.missingLeft[i] ? 1 : 0;
      model.left[node] = start + tree.left[i]!;
      model.right[node] = start + tree.right[i]!;
    }
    start += tree.feature.length;
    model.treeStarts[index + 1] = start;
  });
  return model;
}

const SINGLE_LEAF: BinnedTree = {
  feature: [-1],
  bin: [0],
  missingLeft: [false],
  left: [0],
  right: [0],
  value: [0],
  gain: [0],
};

/** Gain and number of splits of each column, over the trees that were kept. */
export function treeImportance(
  trees: readonly BinnedTree[],
  order: readonly number[],
): Importance[] {
  const gain = new Float64Array(order.length);
  const splits = new Float64Array(order.length);
  for (const tree of trees) {
    for (let node = 0; node < tree.feature.length; node++) {
      const feature = tree.feature[node]!;
      if (feature < 0) continue;
      const column = order[feature]!;
      gain[column] = gain[column]! + tree.gain[node]!;
      splits[column] = splits[column]! + 1;
    }
  }
  return [
    { measure: "gain", values: gain },
    { measure: "splits", values: splits },
  ];
}
