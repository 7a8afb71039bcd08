import { setImmediate as nextTurn } from "node:timers/promises";
import { DuetMindError } from "../../core/errors.ts";
import { throwIfInterrupted } from "../../core/interrupted.ts";
import type { FitInput, FitResult, HistoryStep, Importance, Learner } from "../learner.ts";
import { type LabelledMatrix, nameOrder } from "../matrix.ts";
import { outputCountOf } from "../trained-model.ts";
import { type Design, logisticLoss, type Slope } from "./logistic-loss.ts";
import type { LogisticParams } from "./logistic-params.ts";
import { solveSymmetric } from "./solve-symmetric.ts";

/**
 * Logistic regression, binary and multinomial, by Newton's method with step halving: minimises
 * Σ log loss + λ/2 Σ w², intercepts free. Quadratic convergence makes the answer the optimum to the
 * last digits, whatever the path, which a test compares with scikit-learn. It standardises nothing:
 * that is the feature view's work. Time grows with rows × (outputs × features)².
 */
export const logistic: Learner<LogisticParams> = { fit: fitLogistic };

async function fitLogistic(input: FitInput<LogisticParams>): Promise<FitResult> {
  const { task, classCount, hyperparameters: params } = input;
  if (task === "regression") {
    throw new DuetMindError(
      "TARGET_INVALID",
      "model: algorithm: expected boosting for a regression target, got logistic",
      { hint: "set model.algorithm to boosting", path: "model.algorithm" },
    );
  }
  const order = nameOrder(input.train.matrix.names);
  const train = toDesign(input.train, order);
  const validation = input.validation === null ? null : toDesign(input.validation, order);
  const outputs = outputCountOf(task, classCount);
  const meanLoss = (design: Design, weights: Float64Array) =>
    logisticLoss(design, weights, outputs, null) / design.rowCount;

  const size = outputs * train.width;
  const slope: Slope = {
    gradient: new Float64Array(size),
    hessian: new Float64Array(size * size),
  };
  let weights = new Float64Array(size);
  let converged = false;
  const history: HistoryStep[] = [];
  for (let step = 1; step <= params.max_iterations && !converged; step++) {
    await nextTurn(); // lets Ctrl-C through
    if (input.signal !== undefined) throwIfInterrupted(input.signal);
    const objective = penalisedSlope(train, weights, outputs, params.l2, slope);
    const steepest = slope.gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
    if (steepest / train.rowCount <= params.tolerance) {
      converged = true;
      break;
    }
    const direction = solveSymmetric(slope.hessian, slope.gradient);
    const decrement = direction.reduce((sum, d, i) => sum + d * slope.gradient[i]!, 0);
    const next = halveUntilBetter(
      weights,
      direction,
      (trial) => objectiveAt(train, trial, outputs, params.l2) <= objective,
    );
    // the fall that Newton's model still promises is below the rounding of the objective itself
    converged = next === null || decrement <= 1e-15 * Math.abs(objective);
    if (next === null) break;
    weights = next;
    const entry: HistoryStep = {
      step,
      trainLoss: meanLoss(train, weights),
      validationLoss: validation === null ? null : meanLoss(validation, weights),
    };
    history.push(entry);
    input.onRound?.(entry);
  }

  const featureCount = order.length;
  const coefficients = new Float64Array(outputs * featureCount);
  const intercepts = new Float64Array(outputs);
  for (let k = 0; k < outputs; k++) {
    order.forEach((column, f) => {
      coefficients[k * featureCount + column] = weights[k * train.width + f]!;
    });
    intercepts[k] = weights[k * train.width + featureCount]!;
  }
  const featureNames = input.train.matrix.names;
  return {
    model: {
      kind: "linear",
      task,
      featureNames,
      classCount,
      outputCount: outputs,
      coefficients,
      intercepts,
    },
    history,
    bestStep: history.length,
    converged,
    importance: [standardised(input.train, coefficients, outputs)],
  };
}

function toDesign({ matrix, labels }: LabelledMatrix, order: readonly number[]): Design {
  const width = order.length + 1;
  const rows = new Float64Array(matrix.rowCount * width).fill(1);
  order.forEach((column, f) => {
    const values = matrix.columns[column]!;
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!;
      if (Number.isNaN(value)) {
        throw new DuetMindError(
          "BAD_INPUT",
          `model: feature "${matrix.names[column]}": expected a number in every row, got a missing value in row ${row}`,
          { hint: "add an impute step to the feature, or set model.algorithm to boosting" },
        );
      }
      rows[row * width + f] = value;
    }
  });
  return { rowCount: matrix.rowCount, width, rows, labels };
}

function penalty(weights: Float64Array, width: number, l2: number): number {
  let sum = 0;
  weights.forEach((w, i) => {
    if (i % width !== width - 1) sum += w * w;
  });
  return (l2 / 2) * sum;
}

function objectiveAt(design: Design, weights: Float64Array, outputs: number, l2: number): number {
  return logisticLoss(design, weights, outputs, null) + penalty(weights, design.width, l2);
}

/** The penalised objective at the weights; fills its gradient and hessian. */
function penalisedSlope(
  design: Design,
  weights: Float64Array,
  outputs: number,
  l2: number,
  slope: Slope,
): number {
  const { width, rowCount } = design;
  const size = outputs * width;
  slope.gradient.fill(0);
  slope.hessian.fill(0);
  const loss = logisticLoss(design, weights, outputs, slope);
  for (let i = 0; i < size; i++) {
    const isIntercept = i % width === width - 1;
    if (!isIntercept) {
      slope.gradient[i] = slope.gradient[i]! + l2 * weights[i]!;
      slope.hessian[i * size + i] = slope.hessian[i * size + i]! + l2;
    }
    // Softmax does not see a shift of all classes' weights together. This curvature keeps the step
    // out of that direction (the gradient has no part in it), so the intercepts keep summing to 0.
    if (outputs === 1 || (l2 > 0 && !isIntercept)) continue;
    for (let j = i % width; j <= i; j += width) {
      slope.hessian[i * size + j] = slope.hessian[i * size + j]! + rowCount / outputs;
    }
  }
  return loss + penalty(weights, width, l2);
}

function halveUntilBetter(
  weights: Float64Array,
  direction: Float64Array,
  isBetter: (trial: Float64Array) => boolean,
): Float64Array<ArrayBuffer> | null {
  for (let share = 1; share > 1e-9; share /= 2) {
    const trial = new Float64Array(weights.length);
    for (let i = 0; i < trial.length; i++) trial[i] = weights[i]! - share * direction[i]!;
    if (isBetter(trial)) return trial;
  }
  return null;
}

/** |coefficient| × standard deviation of the feature, averaged over the outputs. */
function standardised(
  { matrix }: LabelledMatrix,
  coefficients: Float64Array,
  outputs: number,
): Importance {
  const values = Float64Array.from(matrix.columns, (column, f) => {
    let sum = 0;
    for (const value of column) sum += value;
    const mean = sum / column.length;
    let squares = 0;
    for (const value of column) squares += (value - mean) ** 2;
    let size = 0;
    for (let k = 0; k < outputs; k++) {
      size += Math.abs(coefficients[k * matrix.columns.length + f]!);
    }
    return (size / outputs) * Math.sqrt(squares / column.length);
  });
  return { measure: "standardised_coefficient", values };
}
