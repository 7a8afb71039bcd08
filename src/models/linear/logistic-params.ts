import { z } from "zod";

/** Hyperparameters of logistic regression. */
export const logisticParams = z.strictObject({
  /**
   * L2 penalty λ: the loss is Σ log loss + λ/2 Σ w², intercepts not penalised.
   * scikit-learn's C is 1 / λ.
   */
  l2: z.number().nonnegative().default(1),
  max_iterations: z.int().min(1).max(10_000).default(100),
  /** Done when no component of the gradient of the mean loss is larger. */
  tolerance: z.number().positive().default(1e-10),
});

export type LogisticParams = Readonly<z.infer<typeof logisticParams>>;
