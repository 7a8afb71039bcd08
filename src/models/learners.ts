import { createRandom } from "../core/random.ts";
import { boosting } from "./boosting/boosting.ts";
import type { FitInput, FitResult } from "./learner.ts";
import { logistic } from "./linear/logistic.ts";
import type { ModelParams } from "./params.ts";

type Choice<P> = P extends ModelParams ? Pick<P, "algorithm" | "hyperparameters" | "seed"> : never;

/** The part of `model` in params.yaml that training needs. */
export type ModelChoice = Choice<ModelParams>;

export type FitData = Omit<FitInput<never>, "hyperparameters" | "random">;

/** Fits the algorithm that params.yaml names, with its hyperparameters and seed. */
export function fitModel(params: ModelChoice, data: FitData): Promise<FitResult> {
  const random = createRandom(params.seed).split("train");
  return params.algorithm === "boosting"
    ? boosting.fit({ ...data, hyperparameters: params.hyperparameters, random })
    : logistic.fit({ ...data, hyperparameters: params.hyperparameters, random });
}
