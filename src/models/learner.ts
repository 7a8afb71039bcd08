import type { Random } from "../core/random.ts";
import type { LabelledMatrix } from "./matrix.ts";
import type { TrainedModel } from "./trained-model.ts";

export type Task = "binary" | "multiclass" | "regression";

/** One round of boosting or one iteration of a solver; losses are means over the rows. */
export type HistoryStep = Readonly<{
  step: number;
  trainLoss: number;
  validationLoss: number | null;
}>;

/** How much each feature matters by one measure, in the order of the matrix's columns. */
export type Importance = Readonly<{
  measure: "gain" | "splits" | "standardised_coefficient";
  values: Float64Array;
}>;

export type FitInput<P> = Readonly<{
  train: LabelledMatrix;
  /** Watched for early stopping; null when there is none. */
  validation: LabelledMatrix | null;
  task: Task;
  /** Number of classes; 1 for regression. */
  classCount: number;
  hyperparameters: P;
  random: Random;
  onRound?: (step: HistoryStep) => void;
  signal?: AbortSignal;
}>;

export type FitResult = Readonly<{
  model: TrainedModel;
  history: readonly HistoryStep[];
  /** The step whose model this is; earlier than the last one after early stopping. */
  bestStep: number;
  /** False when a solver ran out of iterations. */
  converged: boolean;
  /** The first measure is the one to show. */
  importance: readonly Importance[];
}>;

/**
 * A way to learn. What it returns is plain data that `score.ts` scores and `trained-model.ts`
 * writes to JSON and back, so a new learner brings `fit` only.
 */
export type Learner<P> = Readonly<{ fit(input: FitInput<P>): Promise<FitResult> }>;
