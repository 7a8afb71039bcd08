import { exp, log } from "../../core/math.ts";

/**
 * Rows for a solver: row-major, the last number of a row is 1, so the last weight is the intercept.
 * Weights are row-major too, one row an output: binary 1 (log odds of class 1), else one a class.
 */
export type Design = Readonly<{
  rowCount: number;
  width: number;
  rows: Float64Array;
  labels: Float64Array;
}>;

export type Slope = Readonly<{ gradient: Float64Array; hessian: Float64Array }>;

/**
 * Σ log loss at the weights, without the penalty; fills `slope`, its derivatives, when given (of the
 * hessian the lower triangle). Sums run in row order, so the same rows give the same bits.
 */
export function logisticLoss(
  design: Design,
  weights: Float64Array,
  outputs: number,
  slope: Slope | null,
): number {
  const { rowCount, width, rows, labels } = design;
  const scores = new Float64Array(outputs);
  const probabilities = new Float64Array(outputs);
  let loss = 0;
  for (let row = 0; row < rowCount; row++) {
    const first = row * width;
    for (let k = 0; k < outputs; k++) {
      let sum = 0;
      for (let f = 0; f < width; f++) sum += weights[k * width + f]! * rows[first + f]!;
      scores[k] = sum;
    }
    const label = labels[row]!;
    loss +=
      outputs === 1 ? binary(scores, probabilities, label) : softmax(scores, probabilities, label);
    if (slope !== null) addSlope(slope, rows, first, width, probabilities, label);
  }
  return loss;
}

function binary(scores: Float64Array, probabilities: Float64Array, label: number): number {
  const score = scores[0]!;
  const e = exp(-Math.abs(score));
  probabilities[0] = score < 0 ? e / (1 + e) : 1 / (1 + e);
  const margin = label === 1 ? score : -score;
  return Math.max(0, -margin) + log(1 + e);
}

function softmax(scores: Float64Array, probabilities: Float64Array, label: number): number {
  let highest = scores[0]!;
  for (let k = 1; k < scores.length; k++) highest = Math.max(highest, scores[k]!);
  let sum = 0;
  for (let k = 0; k < scores.length; k++) {
    const e = exp(scores[k]! - highest);
    probabilities[k] = e;
    sum += e;
  }
  for (let k = 0; k < scores.length; k++) probabilities[k] = probabilities[k]! / sum;
  return highest - scores[label]! + log(sum);
}

function addSlope(
  { gradient, hessian }: Slope,
  rows: Float64Array,
  first: number,
  width: number,
  probabilities: Float64Array,
  label: number,
): void {
  const outputs = probabilities.length;
  const size = outputs * width;
  for (let k = 0; k < outputs; k++) {
    const p = probabilities[k]!;
    const hit = outputs === 1 ? label : label === k ? 1 : 0;
    for (let f = 0; f < width; f++) {
      gradient[k * width + f] = gradient[k * width + f]! + (p - hit) * rows[first + f]!;
    }
    for (let other = 0; other <= k; other++) {
      const weight = other === k ? p * (1 - p) : -p * probabilities[other]!;
      for (let i = 0; i < width; i++) {
        const x = weight * rows[first + i]!;
        if (x === 0) continue; // one-hot columns are mostly zeros
        const at = (k * width + i) * size + other * width;
        const last = other === k ? i : width - 1;
        for (let j = 0; j <= last; j++) hessian[at + j] = hessian[at + j]! + x * rows[first + j]!;
      }
    }
  }
}
