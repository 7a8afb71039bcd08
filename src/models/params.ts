import { z } from "zod";
import { boostingParams } from "./boosting/boosting-params.ts";
import { logisticParams } from "./linear/logistic-params.ts";

const common = {
  /** Name under which versions are registered; also the folder under `data.models`. */
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "expected letters, digits, _ . - only")
    .max(128)
    .default("model"),
  /** `auto`: numbers with more than 20 distinct values are regression, else 2 classes binary. */
  task: z.enum(["auto", "binary", "multiclass", "regression"]).default("auto"),
  seed: z.int().nonnegative().default(42),
  /** The class that a binary model predicts; default: the last one in sorted order. */
  positive: z.union([z.string(), z.number(), z.boolean()]).optional(),
  /** Raw columns whose values get metrics of their own. */
  slices: z.array(z.string()).default([]),
  bootstrap: z
    .strictObject({
      /** Resamples behind each interval; 0 computes none. */
      samples: z.int().nonnegative().max(100_000).default(1000),
      confidence: z.number().min(0.5).max(0.9999).default(0.95),
    })
    .prefault({}),
};

/** The section `model` of params.yaml; hyperparameters are checked against their algorithm. */
export const modelParams = z.discriminatedUnion(
  "algorithm",
  [
    z.strictObject({
      ...common,
      algorithm: z.literal("boosting").default("boosting"),
      hyperparameters: boostingParams.prefault({}),
    }),
    z.strictObject({
      ...common,
      algorithm: z.literal("logistic"),
      hyperparameters: logisticParams.prefault({}),
    }),
  ],
  { error: 'expected "boosting" or "logistic"' },
);

export type ModelParams = Readonly<z.infer<typeof modelParams>>;
