import { DuetMindError } from "../core/errors.ts";
import { exp, sigmoid } from "../core/math.ts";
import type { Matrix } from "./matrix.ts";
import { createTreeScorer } from "./score-trees.ts";
import type { LinearModel, TrainedModel } from "./trained-model.ts";

/** Scores matrices with one model; made once, used for every batch. */
export type Scorer = Readonly<{
  /** Raw outputs, rowCount × outputCount, row-major. */
  raw(matrix: Matrix): Float64Array;
  /** Class probabilities, rowCount × classCount; for regression the predictions, rowCount × 1. */
  probabilities(matrix: Matrix): Float64Array;
}>;

/** Columns are found by name: their order is free and others may stand between them. */
export function createScorer(model: TrainedModel): Scorer {
  const score =
    model.kind === "trees"
      ? createTreeScorer(model).score
      : (matrix: Matrix, columns: readonly Float32Array[]) => scoreLinear(model, matrix, columns);
  const raw = (matrix: Matrix) => score(matrix, columnsOf(matrix, model.featureNames));
  return { raw, probabilities: (matrix) => toProbabilities(model, raw(matrix)) };
}

/** Class probabilities, row-major rowCount × classCount; regression: rowCount × 1. */
export function scoreProbabilities(model: TrainedModel, matrix: Matrix): Float64Array {
  return createScorer(model).probabilities(matrix);
}

export function scoreRaw(model: TrainedModel, matrix: Matrix): Float64Array {
  return createScorer(model).raw(matrix);
}

function columnsOf(matrix: Matrix, names: readonly string[]): Float32Array[] {
  const positions = new Map(matrix.names.map((name, index) => [name, index]));
  return names.map((name) => {
    const position = positions.get(name);
    if (position === undefined) {
      throw new DuetMindError(
        "COLUMN_NOT_FOUND",
        `score: expected the column "${name}", got ${matrix.names.join(", ") || "none"}`,
        { path: name },
      );
    }
    return matrix.columns[position]!;
  });
}

/** Float64 sums in the order of the model's features; a missing value makes the score NaN. */
function scoreLinear(
  model: LinearModel,
  matrix: Matrix,
  columns: readonly Float32Array[],
): Float64Array {
  const { outputCount, coefficients, intercepts } = model;
  const raw = new Float64Array(matrix.rowCount * outputCount);
  for (let output = 0; output < outputCount; output++) {
    const first = output * columns.length;
    for (let row = 0; row < matrix.rowCount; row++) {
      let sum = intercepts[output]!;
      for (let f = 0; f < columns.length; f++) sum += coefficients[first + f]! * columns[f]![row]!;
      raw[row * outputCount + output] = sum;
    }
  }
  return raw;
}

/** Raw outputs → probabilities: sigmoid for binary, softmax for multiclass, as they are for regression. */
export function toProbabilities(
  model: Pick<TrainedModel, "task" | "classCount">,
  raw: Float64Array,
): Float64Array {
  if (model.task === "regression") return raw;
  if (model.task === "binary") {
    const probabilities = new Float64Array(raw.length * 2);
    for (let row = 0; row < raw.length; row++) {
      const positive = sigmoid(raw[row]!);
      probabilities[row * 2] = 1 - positive;
      probabilities[row * 2 + 1] = positive;
    }
    return probabilities;
  }
  const width = model.classCount;
  const probabilities = new Float64Array(raw.length);
  for (let start = 0; start < raw.length; start += width) {
    let highest = raw[start]!;
    for (let k = 1; k < width; k++) highest = Math.max(highest, raw[start + k]!);
    let sum = 0;
    for (let k = 0; k < width; k++) {
      const e = exp(raw[start + k]! - highest);
      probabilities[start + k] = e;
      sum += e;
    }
    for (let k = 0; k < width; k++) probabilities[start + k] = probabilities[start + k]! / sum;
  }
  return probabilities;
}
