import { MISSING_BIN } from "./bin-edges.ts";
import type { BinnedData } from "./binned-data.ts";
import type { BinnedTree } from "./binned-tree.ts";
import type { BoostingParams } from "./boosting-params.ts";
import { findSplit, type NodeSums, type Split, type SplitRules } from "./find-split.ts";
import { createHistogram, fillHistogram, type Histogram, subtractHistogram } from "./histogram.ts";

/**
 * Grows a tree leaf by leaf: of all leaves the one whose best split gains most is split next, until
 * there are `max_leaves` or no split gains. Only the smaller child of a split is summed; the other is
 * its parent's histogram minus that.
 */
export type GrownTree = Readonly<{
  tree: BinnedTree;
  /** Rows of each leaf: its node, and where its rows stand in the row list that was passed in. */
  leaves: readonly Readonly<{ node: number; start: number; end: number }>[];
}>;

type Leaf = {
  readonly node: number;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly sums: NodeSums;
  readonly histogram: Histogram | null;
  readonly split: Split | null;
};

type MutableTree = { -readonly [K in keyof BinnedTree]: BinnedTree[K][number][] };

/** Works on one training set; buffers are kept from tree to tree. */
export type TreeGrower = Readonly<{
  /** `rows` is reordered so that each leaf's rows stand together, ascending. */
  grow(
    rows: Uint32Array,
    features: ArrayLike<number>,
    gradient: Float32Array,
    hessian: Float32Array,
  ): GrownTree;
}>;

export function createTreeGrower(data: BinnedData, params: BoostingParams): TreeGrower {
  const spare: Histogram[] = [];
  const scratch = new Uint32Array(data.rowCount);
  const binCounts = data.edges.map((edges) => edges.length + 1);
  const maxDepth = params.max_depth ?? Number.POSITIVE_INFINITY;
  const takeHistogram = () => spare.pop() ?? createHistogram(data);

  return {
    grow(rows, features, gradient, hessian) {
      const tree: MutableTree = emptyTree();
      const rootSums = sumNode(rows, gradient, hessian);
      const rules: SplitRules = {
        l2: params.l2,
        minSamplesLeaf: params.min_samples_leaf,
        // what rounding alone can seem to gain is no gain
        minGain: Math.max(params.min_gain, 1e-12 * sumSquares(rows, gradient)),
      };

      const splittable = (sums: NodeSums, depth: number) =>
        sums.count >= 2 * params.min_samples_leaf && depth < maxDepth;

      const addLeaf = (start: number, end: number, depth: number, sums: NodeSums) => {
        const node = tree.feature.length;
        tree.feature.push(-1);
        tree.bin.push(0);
        tree.missingLeft.push(false);
        tree.left.push(0);
        tree.right.push(0);
        tree.gain.push(0);
        tree.value.push(leafValue(sums, params));
        return { node, start, end, depth, sums, histogram: null, split: null };
      };

      const withSplit = (leaf: Leaf, histogram: Histogram): Leaf => {
        const split = splittable(leaf.sums, leaf.depth)
          ? findSplit(histogram, leaf.sums, features, binCounts, rules)
          : null;
        if (split !== null) return { ...leaf, histogram, split };
        spare.push(histogram);
        return leaf;
      };

      const sumLeaf = (leaf: Leaf): Histogram => {
        const histogram = takeHistogram();
        fillHistogram(histogram, data, rows.subarray(leaf.start, leaf.end), gradient, hessian);
        return histogram;
      };

      let leaves: Leaf[] = [addLeaf(0, rows.length, 0, rootSums)];
      if (splittable(rootSums, 0)) leaves = [withSplit(leaves[0]!, sumLeaf(leaves[0]!))];

      while (leaves.length < params.max_leaves) {
        const at = bestLeaf(leaves);
        if (at < 0) break;
        const parent = leaves[at]!;
        const split = parent.split!;
        const middle = partition(rows, scratch, parent, split, data.columns[split.feature]!);
        const depth = parent.depth + 1;
        let left: Leaf = addLeaf(parent.start, middle, depth, split.left);
        let right: Leaf = addLeaf(middle, parent.end, depth, split.right);
        tree.feature[parent.node] = split.feature;
        tree.bin[parent.node] = split.bin;
        tree.missingLeft[parent.node] = split.missingLeft;
        tree.left[parent.node] = left.node;
        tree.right[parent.node] = right.node;
        tree.gain[parent.node] = split.gain;
        tree.value[parent.node] = 0;

        const histogram = parent.histogram!;
        const full = leaves.length + 1 === params.max_leaves;
        if (full || !(splittable(left.sums, depth) || splittable(right.sums, depth))) {
          spare.push(histogram);
        } else {
          const leftIsSmaller = left.sums.count <= right.sums.count;
          const smaller = sumLeaf(leftIsSmaller ? left : right);
          subtractHistogram(histogram, smaller);
          left = withSplit(left, leftIsSmaller ? smaller : histogram);
          right = withSplit(right, leftIsSmaller ? histogram : smaller);
        }
        leaves.splice(at, 1, left, right);
      }
      for (const leaf of leaves) if (leaf.histogram !== null) spare.push(leaf.histogram);
      return { tree, leaves };
    },
  };
}

function emptyTree(): MutableTree {
  return { feature: [], bin: [], missingLeft: [], left: [], right: [], value: [], gain: [] };
}

function leafValue(sums: NodeSums, params: BoostingParams): number {
  const curvature = sums.hessian + params.l2;
  return curvature > 0 ? Math.fround((-sums.gradient / curvature) * params.learning_rate) : 0;
}

function sumNode(rows: Uint32Array, gradients: Float32Array, hessians: Float32Array): NodeSums {
  let gradient = 0;
  let hessian = 0;
  for (let i = 0; i < rows.length; i++) {
    gradient += gradients[rows[i]!]!;
    hessian += hessians[rows[i]!]!;
  }
  return { gradient, hessian, count: rows.length };
}

function sumSquares(rows: Uint32Array, gradients: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < rows.length; i++) sum += gradients[rows[i]!]! ** 2;
  return sum;
}

/** Position of the leaf to split next, -1 when none gains. Of equal gains the older node wins. */
function bestLeaf(leaves: readonly Leaf[]): number {
  let at = -1;
  for (let i = 0; i < leaves.length; i++) {
    const split = leaves[i]!.split;
    if (split === null) continue;
    const best = at < 0 ? null : leaves[at]!;
    const better =
      best === null ||
      split.gain > best.split!.gain ||
      (split.gain === best.split!.gain && leaves[i]!.node < best.node);
    if (better) at = i;
  }
  return at;
}

/** Moves the rows that go left before those that go right, keeping their order; returns the border. */
function partition(
  rows: Uint32Array,
  scratch: Uint32Array,
  leaf: Leaf,
  split: Split,
  column: Uint8Array,
): number {
  const goesLeft = new Uint8Array(MISSING_BIN + 1).fill(1, 0, split.bin + 1);
  goesLeft[MISSING_BIN] = split.missingLeft ? 1 : 0;
  let left = leaf.start;
  let right = 0;
  for (let i = leaf.start; i < leaf.end; i++) {
    const row = rows[i]!;
    const toLeft = goesLeft[column[row]!]!;
    rows[left] = row; // without a branch: the slot is overwritten when the row goes right
    scratch[right] = row;
    left += toLeft;
    right += 1 - toLeft;
  }
  rows.set(scratch.subarray(0, right), left);
  return left;
}
