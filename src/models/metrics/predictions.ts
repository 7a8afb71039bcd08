import { log } from "../../core/math.ts";
import type { Task } from "../learner.ts";

/** What a model said about rows whose truth is known. */
export type Predictions = Readonly<{
  task: Task;
  classCount: number;
  /** Class indices, or the target for regression. */
  labels: Float64Array;
  /** Row-major class probabilities, or predicted values for regression. */
  scores: Float64Array;
}>;

/**
 * Predictions with everything computed that does not depend on row weights, so that a thousand
 * bootstrap resamples sort nothing and take no logarithm.
 */
export type Prepared = Readonly<{
  task: Task;
  classCount: number;
  rowCount: number;
  labels: Float64Array;
  /** label × classCount + predicted class. */
  cells: Int32Array;
  logLoss: Float64Array;
  brier: Float64Array;
  /** One ranking for binary (class 1), else one a class against the rest. */
  rankings: readonly Ranking[];
  /** Regression: predicted values. */
  predicted: Float64Array;
}>;

/** Rows by falling score of a class; `last[i]` is 1 where the next row has another score. */
export type Ranking = Readonly<{ positive: number; order: Int32Array; last: Uint8Array }>;

/** Probabilities are held this far from 0 and 1, as scikit-learn holds them. */
const EPSILON = 2.220446049250313e-16;

export function prepare(predictions: Predictions): Prepared {
  const { task, classCount, labels, scores } = predictions;
  const rowCount = labels.length;
  const empty = { cells: new Int32Array(0), rankings: [], predicted: scores };
  const none = new Float64Array(0);
  if (task === "regression") {
    return { task, classCount, rowCount, labels, ...empty, logLoss: none, brier: none };
  }
  const cells = new Int32Array(rowCount);
  const logLoss = new Float64Array(rowCount);
  const brier = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const first = row * classCount;
    const label = labels[row]!;
    cells[row] = label * classCount + highest(scores, first, classCount);
    const truth = scores[first + label]!;
    logLoss[row] = -log(Math.min(Math.max(truth, EPSILON), 1 - EPSILON));
    for (let k = 0; k < classCount; k++) {
      brier[row] = brier[row]! + (scores[first + k]! - (k === label ? 1 : 0)) ** 2;
    }
    if (classCount === 2) brier[row] = (scores[first + 1]! - label) ** 2; // of the positive class
  }
  const ranked = task === "binary" ? [1] : Array.from({ length: classCount }, (_, k) => k);
  const rankings = ranked.map((positive) => rank(scores, classCount, positive));
  return { task, classCount, rowCount, labels, cells, logLoss, brier, rankings, predicted: none };
}

/** The class of the highest probability; of equal ones the first. */
function highest(scores: Float64Array, first: number, classCount: number): number {
  let best = 0;
  for (let k = 1; k < classCount; k++) if (scores[first + k]! > scores[first + best]!) best = k;
  return best;
}

function rank(scores: Float64Array, classCount: number, positive: number): Ranking {
  const rowCount = scores.length / classCount;
  const score = (row: number) => scores[row * classCount + positive]!;
  const order = Int32Array.from({ length: rowCount }, (_, row) => row).sort(
    (a, b) => score(b) - score(a) || a - b,
  );
  const last = new Uint8Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    last[i] = i + 1 === rowCount || score(order[i]!) !== score(order[i + 1]!) ? 1 : 0;
  }
  return { positive, order, last };
}

/** The predictions of some rows. */
export function takePredictions(from: Predictions, rows: ArrayLike<number>): Predictions {
  const width = from.scores.length / from.labels.length;
  const labels = new Float64Array(rows.length);
  const scores = new Float64Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    labels[i] = from.labels[row]!;
    for (let k = 0; k < width; k++) scores[i * width + k] = from.scores[row * width + k]!;
  }
  return { ...from, labels, scores };
}
