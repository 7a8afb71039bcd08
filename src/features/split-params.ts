import { z } from "zod";
import { parseWith } from "../core/parse.ts";

const fraction = z.number().min(0).max(1);

/** Values of the split's column; numbers are compared by their digits. */
const values = z.array(z.union([z.string(), z.number(), z.boolean()])).min(1);

/** `split:` of params.yaml: how rows are dealt to train, validation and test (split-sql.ts). */
export const splitParams = z
  .strictObject({
    method: z.enum(["hash", "time", "values"]).default("hash"),
    seed: z.int().nonnegative().default(42),
    train: fraction.default(0.7),
    validation: fraction.default(0.15),
    test: fraction.default(0.15),
    /** hash only: the same fractions within each value of the target. */
    stratify: z.boolean().default(false),
    /** time: the column that orders the rows; values: the one that decides. */
    column: z.string().min(1).optional(),
    /**
     * values only: which values of the column are train, validation and test. Without `validation` a
     * share of the subjects of train, validation ÷ (train + validation), is taken by their hash.
     */
    assign: z
      .strictObject({ train: values, validation: values.optional(), test: values })
      .optional(),
  })
  .refine((split) => Math.abs(split.train + split.validation + split.test - 1) < 1e-9, {
    error: "expected train + validation + test to be 1",
  })
  .refine((split) => split.train > 0, { error: "expected train above 0", path: ["train"] })
  .refine((split) => (split.method === "hash") === (split.column === undefined), {
    error: "expected a column with method time or values, and none with method hash",
    path: ["column"],
  })
  .refine((split) => (split.method === "values") === (split.assign !== undefined), {
    error: "expected assign with method values, and with no other",
    path: ["assign"],
  })
  .refine((split) => split.method === "hash" || !split.stratify, {
    error: "expected stratify with method hash only",
    path: ["stratify"],
  });

export type SplitParams = Readonly<z.infer<typeof splitParams>>;

export const SPLITS = ["train", "validation", "test"] as const;
export type SplitName = (typeof SPLITS)[number];

/** Reads a `split:` section by itself. */
export function parseSplitParams(input: unknown): SplitParams {
  return parseWith(splitParams, input, "params.yaml: split", { code: "CONFIG_INVALID" });
}
