import type { Task } from "../learner.ts";
import { binaryObjective } from "./binary-objective.ts";
import { softmaxObjective } from "./softmax-objective.ts";
import { squaredObjective } from "./squared-objective.ts";

/** First and second derivatives of the loss by a raw output, one array an output. */
export type Derivatives = Readonly<{
  gradients: readonly Float32Array[];
  hessians: readonly Float32Array[];
}>;

/** What boosting minimises. `raw` has one array of raw scores an output. */
export type Objective = Readonly<{
  outputCount: number;
  /** The best constant raw score of each output. */
  base(labels: Float64Array): Float64Array;
  /** Mean loss over the rows; fills `into` when it is given. Sums run in row order. */
  evaluate(raw: readonly Float64Array[], labels: Float64Array, into: Derivatives | null): number;
}>;

export function objectiveOf(task: Task, classCount: number): Objective {
  if (task === "binary") return binaryObjective;
  return task === "multiclass" ? softmaxObjective(classCount) : squaredObjective;
}
