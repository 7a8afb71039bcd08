import { setImmediate as nextTurn } from "node:timers/promises";
import { throwIfInterrupted } from "../../core/interrupted.ts";
import type { Random } from "../../core/random.ts";
import type { FitInput, FitResult, HistoryStep, Learner } from "../learner.ts";
import { type Matrix, nameOrder } from "../matrix.ts";
import { sampleRows } from "../sample-rows.ts";
import { type BinnedData, learnEdges, toBinnedData } from "./binned-data.ts";
import { addTree, type BinnedTree } from "./binned-tree.ts";
import type { BoostingParams } from "./boosting-params.ts";
import { createTreeGrower, type GrownTree } from "./grow-tree.ts";
import { type Derivatives, type Objective, objectiveOf } from "./objective.ts";
import { toEnsemble, treeImportance } from "./to-ensemble.ts";

/**
 * Histogram gradient boosting: each round fits a tree to the derivatives of the loss at the scores so
 * far and adds its leaves, shrunk by the learning rate (Friedman 2001; second order as in XGBoost,
 * leaf-wise as in LightGBM). Features are taken in the order of their names, so the order of
 * columns changes nothing; every sum runs in row order, so the same input gives the same bits.
 */
export const boosting: Learner<BoostingParams> = { fit: fitBoosting };

async function fitBoosting(input: FitInput<BoostingParams>): Promise<FitResult> {
  const { hyperparameters: params, random } = input;
  const objective = objectiveOf(input.task, input.classCount);
  const order = nameOrder(input.train.matrix.names);
  const matrix = inOrder(input.train.matrix, order);
  const edges = learnEdges(matrix, params.max_bins, random.split("bins"));
  const data = toBinnedData(matrix, edges);
  const base = objective.base(input.train.labels);
  const train = startScores(data, input.train.labels, base);
  const validation =
    input.validation === null
      ? null
      : startScores(
          toBinnedData(inOrder(input.validation.matrix, order), edges),
          input.validation.labels,
          base,
        );
  const derivatives = allocateDerivatives(objective.outputCount, data.rowCount);
  const grower = createTreeGrower(data, params);

  const rounds: BinnedTree[][] = [];
  const history: HistoryStep[] = [];
  let bestStep = 0;
  let bestLoss = validation === null ? 0 : lossOf(objective, validation);
  objective.evaluate(train.raw, train.labels, derivatives);
  for (let step = 1; step <= params.rounds; step++) {
    await nextTurn(); // lets Ctrl-C through
    if (input.signal !== undefined) throwIfInterrupted(input.signal);
    const draw = drawOf(data, params, random, step);
    const trees = derivatives.gradients.map((gradient, output) => {
      const rows = draw.rows.slice();
      const grown = grower.grow(rows, draw.features, gradient, derivatives.hessians[output]!);
      addGrown(grown, rows, train, output);
      if (validation !== null) addTree(grown.tree, validation.data, validation.raw[output]!);
      return grown.tree;
    });
    if (trees.every((tree) => tree.feature.length === 1)) break; // nothing left to learn
    rounds.push(trees);
    const entry: HistoryStep = {
      step,
      trainLoss: objective.evaluate(train.raw, train.labels, derivatives),
      validationLoss: validation === null ? null : lossOf(objective, validation),
    };
    history.push(entry);
    input.onRound?.(entry);
    if (entry.validationLoss === null || entry.validationLoss < bestLoss) {
      bestLoss = entry.validationLoss ?? 0;
      bestStep = step;
    } else if (
      params.early_stopping_rounds > 0 &&
      step - bestStep >= params.early_stopping_rounds
    ) {
      break;
    }
  }
  const stopsEarly = validation !== null && params.early_stopping_rounds > 0;
  const kept = (stopsEarly ? rounds.slice(0, bestStep) : rounds).flat();
  return {
    model: toEnsemble(kept, { base, edges, order, input }),
    history,
    bestStep: stopsEarly ? bestStep : rounds.length,
    converged: true,
    importance: treeImportance(kept, order),
  };
}

/** Raw scores of one set of rows, one array an output. */
type Scores = Readonly<{ data: BinnedData; labels: Float64Array; raw: readonly Float64Array[] }>;

function startScores(data: BinnedData, labels: Float64Array, base: Float64Array): Scores {
  const raw = Array.from(base, (start) => new Float64Array(data.rowCount).fill(start));
  return { data, labels, raw };
}

function lossOf(objective: Objective, scores: Scores): number {
  return objective.evaluate(scores.raw, scores.labels, null);
}

function inOrder(matrix: Matrix, order: readonly number[]): Matrix {
  return {
    rowCount: matrix.rowCount,
    names: order.map((index) => matrix.names[index]!),
    columns: order.map((index) => matrix.columns[index]!),
  };
}

function allocateDerivatives(outputCount: number, rowCount: number): Derivatives {
  const arrays = () => Array.from({ length: outputCount }, () => new Float32Array(rowCount));
  return { gradients: arrays(), hessians: arrays() };
}

/** The rows and features of one round; a stream of its own each, so that neither moves the other. */
function drawOf(data: BinnedData, params: BoostingParams, random: Random, step: number) {
  const draw = (label: string, count: number, share: number) =>
    sampleRows(count, Math.max(1, Math.round(count * share)), random.split(label).split(step));
  return {
    rows: draw("rows", data.rowCount, params.row_sample),
    features: draw("columns", data.featureCount, params.column_sample),
  };
}

function addGrown(grown: GrownTree, rows: Uint32Array, train: Scores, output: number): void {
  const raw = train.raw[output]!;
  if (rows.length < train.data.rowCount) {
    addTree(grown.tree, train.data, raw); // rows that were not drawn must find their leaf
    return;
  }
  for (const leaf of grown.leaves) {
    const value = grown.tree.value[leaf.node]!;
    for (let i = leaf.start; i < leaf.end; i++) {
      const row = rows[i]!;
      raw[row] = raw[row]! + value;
    }
  }
}
