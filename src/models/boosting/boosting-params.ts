import { z } from "zod";

/** Hyperparameters of histogram gradient boosting; each default is in sight here. */
export const boostingParams = z.strictObject({
  /** Rounds at most; a round adds one tree (multiclass: one a class). */
  rounds: z.int().min(1).max(10_000).default(300),
  learning_rate: z.number().positive().max(1).default(0.1),
  max_leaves: z.int().min(2).max(4096).default(31),
  /** Splits from root to leaf at most; null is no limit. */
  max_depth: z.int().min(1).max(64).nullable().default(null),
  min_samples_leaf: z.int().min(1).default(20),
  /** Histogram bins a feature, the bin of missing values not counted. */
  max_bins: z.int().min(2).max(255).default(255),
  /** L2 penalty on leaf values. */
  l2: z.number().nonnegative().default(1),
  /** A split must lower the loss by more than this. */
  min_gain: z.number().nonnegative().default(0),
  /** Share of rows drawn for each tree, without replacement. */
  row_sample: z.number().positive().max(1).default(1),
  /** Share of features drawn for each tree. */
  column_sample: z.number().positive().max(1).default(1),
  /** Stop after so many rounds without a better validation loss; 0 never stops. */
  early_stopping_rounds: z.int().nonnegative().default(20),
});

export type BoostingParams = Readonly<z.infer<typeof boostingParams>>;
