import type { ClassLabel, FeatureView } from "../features/feature-view.ts";
import type { TrainedModel } from "./trained-model.ts";

/** All that is needed to score raw rows: how features are made, the model, and what classes mean. */
export type Predictor = Readonly<{
  name: string;
  view: FeatureView;
  model: TrainedModel;
  /** Label of each class index; empty for regression. A binary model's class 1 is the positive one. */
  classes: readonly ClassLabel[];
}>;

/** Names of what a model gives for a row, the same in ONNX and in files of predictions. */
export const PREDICTION = "prediction";

/** `probability_<class>`. */
export function probabilityNames(predictor: Pick<Predictor, "classes">): string[] {
  return predictor.classes.map((label) => `probability_${label}`);
}

/** The class index with the largest probability in a row, the first of equals; -1 where there is none. */
export function mostProbable(probabilities: Float64Array, row: number, classCount: number): number {
  const start = row * classCount;
  let best = 0;
  for (let k = 0; k < classCount; k++) {
    if (Number.isNaN(probabilities[start + k])) return -1; // a linear model and a missing feature
    if (probabilities[start + k]! > probabilities[start + best]!) best = k;
  }
  return best;
}
