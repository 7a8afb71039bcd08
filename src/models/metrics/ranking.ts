import type { Outcome, Outcomes } from "./measure.ts";
import type { Ranking } from "./predictions.ts";

/**
 * ROC AUC and average precision (PR AUC) from rows ranked once, each row counted `weights[row]` times.
 * Rows of one score are one step: a tie between a positive and a negative counts half for ROC AUC.
 */
export function rankingMetrics(
  ranking: Ranking,
  labels: Float64Array,
  weights: Int32Array,
): Readonly<{ rocAuc: Outcome; prAuc: Outcome }> {
  const { positive, order, last } = ranking;
  let positives = 0;
  let negatives = 0;
  let stepPositives = 0;
  let stepNegatives = 0;
  let pairs = 0; // negatives below a positive, ties half
  let precisions = 0; // Σ positives of the step × precision down to it
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    const weight = weights[row]!;
    if (labels[row] === positive) stepPositives += weight;
    else stepNegatives += weight;
    if (last[i] === 0) continue;
    pairs += stepNegatives * (positives + stepPositives / 2);
    positives += stepPositives;
    negatives += stepNegatives;
    if (stepPositives > 0) precisions += (stepPositives * positives) / (positives + negatives);
    stepPositives = 0;
    stepNegatives = 0;
  }
  const noPositive = { reason: "no row of the positive class" };
  const noNegative = { reason: "no row of another class than the positive one" };
  return {
    rocAuc:
      positives === 0 ? noPositive : negatives === 0 ? noNegative : pairs / positives / negatives,
    prAuc: positives === 0 ? noPositive : precisions / positives,
  };
}

/** Binary: the ranking's own metrics. Multiclass: the mean over the classes, each against the rest. */
export function averageRanking(
  rankings: readonly Ranking[],
  labels: Float64Array,
  weights: Int32Array,
): Outcomes {
  const each = rankings.map((ranking) => rankingMetrics(ranking, labels, weights));
  return {
    roc_auc: average(each.map((metrics) => metrics.rocAuc)),
    pr_auc: average(each.map((metrics) => metrics.prAuc)),
  };
}

function average(outcomes: readonly Outcome[]): Outcome {
  const only = outcomes[0]!;
  if (outcomes.length === 1) return only;
  let sum = 0;
  for (const [positive, outcome] of outcomes.entries()) {
    if (typeof outcome !== "number") return { reason: `class ${positive}: ${outcome.reason}` };
    sum += outcome;
  }
  return sum / outcomes.length;
}
