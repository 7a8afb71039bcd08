import { z } from "zod";
import { DuetMindError } from "../core/errors.ts";
import { type Digest, isDigest } from "../core/hash.ts";
import { parseWith } from "../core/parse.ts";
import { sqlExpressionProblem } from "./sql-expression.ts";

/**
 * A feature view with everything fitted: plain data that says how raw columns become feature columns.
 * It has two interpreters that must agree: `feature-sql.ts` (DuckDB, whole files) and the ONNX writer.
 *
 *     raw columns ── inputs (number | boolean | text) ── outputs (float64; missing is NaN / NULL)
 *
 * Missing: NULL, NaN, and "" for text are the same. Every step leaves a missing value missing, except
 * `impute`. Numbers are IEEE doubles; `log` is core/math.ts `log`, bit for bit.
 *
 *     {name: "age", kind: "numeric", input: "age", steps: [{op: "impute", value: 71}, {op: "scale", center: 70, scale: 8}]}
 *     {name: "site=Basel", kind: "indicator", input: "site", value: "Basel"}
 */
export const DATETIME_PARTS = [
  "year",
  "quarter",
  "month",
  "day",
  "day_of_year",
  "weekday", // Monday = 0
  "hour",
  "minute",
  "elapsed_days", // since `since`, with the fraction of the day
] as const;

export type DatetimePart = (typeof DATETIME_PARTS)[number];

const finite = z.number();
const name = z.string().min(1);

const inputSource = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("column"), column: name, columnType: z.string() }),
  z.strictObject({
    kind: z.literal("datetime_part"),
    column: name,
    columnType: z.string(),
    part: z.enum(DATETIME_PARTS),
    /** For elapsed_days: day 0, as YYYY-MM-DD. */
    since: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/, "expected a date as YYYY-MM-DD")
      .optional(),
  }),
  z.strictObject({
    kind: z.literal("sql"),
    expression: z.string().superRefine((text, context) => {
      const problem = sqlExpressionProblem(text);
      if (problem !== undefined) context.addIssue(problem);
    }),
    /** The raw columns that the expression names. */
    columns: z.array(name),
  }),
]);

const fittedInput = z.strictObject({
  name,
  /**
   * number: any number column, a boolean as 0/1. boolean: true → 1, false → 0.
   * text: the value as text; integers (also 1.0) as "1", booleans as "true" / "false".
   */
  type: z.enum(["number", "boolean", "text"]),
  source: inputSource,
  /** Median or mode over the training split, for input examples; null where all missing or sensitive. */
  example: z.union([z.string(), finite, z.boolean()]).nullable(),
});

const numericStep = z.discriminatedUnion("op", [
  /** Missing → value. */
  z.strictObject({ op: z.literal("impute"), value: finite }),
  /** x < min → min, x > max → max; null: no bound. */
  z.strictObject({ op: z.literal("clip"), min: finite.nullable(), max: finite.nullable() }),
  /** ln(x + offset); missing where x + offset <= 0. */
  z.strictObject({ op: z.literal("log"), offset: finite }),
  /** (x - center) / scale. */
  z.strictObject({ op: z.literal("scale"), center: finite, scale: finite }),
  /** How many edges are <= x: below edges[0] is 0, at or above the last is edges.length. Ascending. */
  z.strictObject({ op: z.literal("bin"), edges: z.array(finite).min(1) }),
]);

const steps = z.array(numericStep);

const fittedOutput = z.discriminatedUnion("kind", [
  z.strictObject({ name, kind: z.literal("numeric"), input: name, steps }),
  /** 1 where the text equals value, else 0 (also where missing). */
  z.strictObject({ name, kind: z.literal("indicator"), input: name, value: z.string() }),
  /** 1 where missing, else 0. */
  z.strictObject({ name, kind: z.literal("missing"), input: name }),
  /** The entry of the text; a text without entry → other, missing → missing. null stays missing. */
  z.strictObject({
    name,
    kind: z.literal("lookup"),
    input: name,
    entries: z.array(z.tuple([z.string(), finite])),
    other: finite.nullable(),
    missing: finite.nullable(),
  }),
  /** Factors are names of number or boolean inputs, multiplied from left to right; then the steps. */
  z.strictObject({ name, kind: z.literal("product"), factors: z.array(name).min(2), steps }),
  /** Names of number or boolean inputs; missing where the denominator is 0; then the steps. */
  z.strictObject({
    name,
    kind: z.literal("ratio"),
    numerator: name,
    denominator: name,
    steps,
  }),
]);

export const featureView = z.strictObject({
  schema_version: z.literal(1),
  name,
  /** Raw columns that the inputs need, with their type at fitting. */
  columns: z.array(z.strictObject({ name, type: z.string() })),
  inputs: z.array(fittedInput),
  outputs: z.array(fittedOutput).min(1),
  subject: name.nullable(),
  target: z.strictObject({
    column: name,
    type: z.string(),
    /** Sorted (numbers by value, text by code point, false before true); null for a target of numbers. */
    classes: z.array(z.union([z.string(), finite, z.boolean()])).nullable(),
  }),
  /** What was asked for, with every default filled in; the feature hash is its digest. */
  definition: z.record(z.string(), z.unknown()),
  feature_hash: z.custom<Digest>(isDigest, "expected sha256:<64 hex digits>"),
  fit_hash: z.custom<Digest>(isDigest, "expected sha256:<64 hex digits>"),
});

type DeepReadonly<T> = T extends readonly unknown[]
  ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

export type FeatureView = DeepReadonly<z.infer<typeof featureView>>;
export type FittedInput = DeepReadonly<z.infer<typeof fittedInput>>;
export type FittedOutput = DeepReadonly<z.infer<typeof fittedOutput>>;
export type NumericStep = DeepReadonly<z.infer<typeof numericStep>>;
export type ClassLabel = string | number | boolean;

/** Reads a feature-view.json: its shape, and that every output names inputs of the right type. */
export function parseFeatureView(input: unknown, subject = "feature-view.json"): FeatureView {
  const view = parseWith(featureView, input, subject) as FeatureView;
  const types = new Map(view.inputs.map((one) => [one.name, one.type]));
  for (const output of view.outputs) {
    for (const used of inputsOf(output)) {
      const type = types.get(used);
      const wantsText = output.kind === "indicator" || output.kind === "lookup";
      const fits = output.kind === "missing" ? type !== undefined : (type === "text") === wantsText;
      if (type === undefined || !fits) {
        throw new DuetMindError(
          "BAD_INPUT",
          `${subject}: outputs.${output.name}: expected ${wantsText ? "a text" : "a number"} input, got ${
            type === undefined ? `"${used}", which is not an input` : `"${used}" of type ${type}`
          }`,
        );
      }
    }
  }
  return view;
}

/** The names of the inputs that an output is computed from. */
export function inputsOf(output: FittedOutput): readonly string[] {
  switch (output.kind) {
    case "product":
      return output.factors;
    case "ratio":
      return [output.numerator, output.denominator];
    default:
      return [output.input];
  }
}
