import { MISSING_BIN } from "./bin-edges.ts";
import { binOffset, type Histogram } from "./histogram.ts";

/** Rows whose bin is <= `bin` go left; missing ones as `missingLeft` says. */
export type Split = Readonly<{
  feature: number;
  bin: number;
  missingLeft: boolean;
  gain: number;
  left: NodeSums;
  right: NodeSums;
}>;

export type NodeSums = Readonly<{ gradient: number; hessian: number; count: number }>;

export type SplitRules = Readonly<{ l2: number; minGain: number; minSamplesLeaf: number }>;

/**
 * The best split of a node, or null. Gain is how much the second-order loss falls:
 * GL² / (HL + λ) + GR² / (HR + λ) - G² / (H + λ). Every cut is tried with missing rows on the right and, where
 * there are any, on the left. Of equal gains the first in feature order wins.
 */
export function findSplit(
  histogram: Histogram,
  node: NodeSums,
  features: ArrayLike<number>,
  binCounts: ArrayLike<number>,
  rules: SplitRules,
): Split | null {
  let best: Candidate = { gain: rules.minGain, feature: -1, bin: 0, missingLeft: false };
  for (let i = 0; i < features.length; i++) {
    const feature = features[i]!;
    const lastBin = binCounts[feature]! - 1;
    const missing = sumsAt(histogram, feature, MISSING_BIN);
    if (missing.count === 0) {
      best = scan(histogram, feature, lastBin - 1, node, null, rules, best);
    } else {
      best = scan(histogram, feature, lastBin, node, null, rules, best);
      best = scan(histogram, feature, lastBin - 1, node, missing, rules, best);
    }
  }
  return best.feature < 0 ? null : toSplit(histogram, node, best);
}

type Candidate = Readonly<{ gain: number; feature: number; bin: number; missingLeft: boolean }>;

/** Tries every cut of a feature up to a bin; `missing` sums start on the left when given. */
function scan(
  histogram: Histogram,
  feature: number,
  lastCut: number,
  node: NodeSums,
  missing: NodeSums | null,
  rules: SplitRules,
  best: Candidate,
): Candidate {
  const { l2, minSamplesLeaf } = rules;
  let slot = binOffset(feature, 0);
  const parent = (node.gradient * node.gradient) / (node.hessian + l2);
  let gradient = missing?.gradient ?? 0;
  let hessian = missing?.hessian ?? 0;
  let count = missing?.count ?? 0;
  let bestGain = best.gain;
  let bestBin = -1;
  for (let bin = 0; bin <= lastCut; bin++, slot += 4) {
    const rows = histogram[slot + 2]!;
    if (rows === 0) continue; // the cut after an empty bin is the cut before it
    gradient += histogram[slot]!;
    hessian += histogram[slot + 1]!;
    count += rows;
    if (count < minSamplesLeaf) continue;
    if (node.count - count < minSamplesLeaf) break;
    const otherGradient = node.gradient - gradient;
    const gain =
      (gradient * gradient) / (hessian + l2) +
      (otherGradient * otherGradient) / (node.hessian - hessian + l2) -
      parent;
    if (gain > bestGain) {
      bestGain = gain;
      bestBin = bin;
    }
  }
  if (bestBin < 0) return best;
  return { gain: bestGain, feature, bin: bestBin, missingLeft: missing !== null };
}

function toSplit(histogram: Histogram, node: NodeSums, best: Candidate): Split {
  const missing = sumsAt(histogram, best.feature, MISSING_BIN);
  let gradient = best.missingLeft ? missing.gradient : 0;
  let hessian = best.missingLeft ? missing.hessian : 0;
  let count = best.missingLeft ? missing.count : 0;
  for (let bin = 0; bin <= best.bin; bin++) {
    const sums = sumsAt(histogram, best.feature, bin);
    if (sums.count === 0) continue;
    gradient += sums.gradient;
    hessian += sums.hessian;
    count += sums.count;
  }
  const left = { gradient, hessian, count };
  const right = {
    gradient: node.gradient - gradient,
    hessian: node.hessian - hessian,
    count: node.count - count,
  };
  // a direction for missing rows that this node never saw: along with most of its rows
  const missingLeft = missing.count === 0 ? left.count >= right.count : best.missingLeft;
  return { ...best, missingLeft, left, right };
}

function sumsAt(histogram: Histogram, feature: number, bin: number): NodeSums {
  const slot = binOffset(feature, bin);
  return {
    gradient: histogram[slot]!,
    hessian: histogram[slot + 1]!,
    count: histogram[slot + 2]!,
  };
}
