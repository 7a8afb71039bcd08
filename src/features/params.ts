import { z } from "zod";
import { parseWith } from "../core/parse.ts";
import { sqlExpression, transformParams } from "./transform-params.ts";

const column = z.string().min(1);

const joinParams = z.strictObject({
  source: z.string().min(1),
  /** Columns of this name in both sources, equal in value. */
  on: z.array(column).min(1),
  /** many_to_one: at most one row of this source for each key; one_to_one: on both sides. */
  cardinality: z.enum(["many_to_one", "one_to_one"]),
  /** Which columns to take; default: all. */
  columns: z.array(column).min(1).optional(),
  /** Put before the names of the columns taken. */
  prefix: z.string().default(""),
});

/** `features:` of params.yaml. */
export const featuresParams = z.strictObject({
  view: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'expected a name of letters, digits, "_" and "-"')
    .default("features"),
  /** The source whose rows are the examples; may be left out when there is one only. */
  source: z.string().min(1).optional(),
  joins: z.array(joinParams).default([]),
  /**
   * Columns computed from the row, for subject, target, split and slices. A feature is a transform: who
   * scores a row has the raw columns and nothing else.
   */
  derive: z.record(column, sqlExpression).optional(),
  /** All rows of a subject go to the same split; default: the key of the source, else each row. */
  subject: column.optional(),
  target: column.optional(),
  transforms: z
    .array(transformParams)
    .min(1)
    .default([{ auto: true, except: [] }]),
});

export type FeaturesParams = Readonly<z.infer<typeof featuresParams>>;
export type JoinParams = Readonly<z.infer<typeof joinParams>>;

/** Reads a `features:` section by itself. */
export function parseFeaturesParams(input: unknown): FeaturesParams {
  return parseWith(featuresParams, input, "params.yaml: features", { code: "CONFIG_INVALID" });
}
