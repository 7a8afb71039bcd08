import { z } from "zod";
import { nearestName } from "../core/nearest.ts";
import { DATETIME_PARTS } from "./feature-view.ts";
import { sqlExpressionProblem } from "./sql-expression.ts";

/**
 * One entry of `features.transforms`: what kind it is stands in its first key.
 *
 *     - {numeric: [age, mmse_score], impute: median, scale: standard}
 *     - {categorical: apoe_genotype, encode: one_hot, rare: {min_share: 0.01}}
 *     - {ratio: [brain_volume, age], name: volume_per_year}
 */
const column = z.string().min(1);
const columns = z.union([column, z.array(column).min(1)]);
const share = z.number().min(0).max(1);

function ascending(edges: readonly number[]): boolean {
  return edges.every((edge, i) => i === 0 || edge > edges[i - 1]!);
}

const bounds = z
  .tuple([z.number().nullable(), z.number().nullable()])
  .refine(([low, high]) => low === null || high === null || low < high, {
    error: "expected [low, high] with low < high",
  });

const quantilePair = z.tuple([share, share]).refine(([low, high]) => low < high, {
  error: "expected [low, high] with low < high",
});

/** What may be done to a number, in this order: impute, clip, log, then scale or bin. */
const numericOptions = {
  impute: z
    .union([z.enum(["median", "mean", "none"]), z.strictObject({ constant: z.number() })])
    .default("median"),
  clip: z.union([bounds, z.strictObject({ quantiles: quantilePair })]).optional(),
  /** true: ln(x); a number: ln(x + number). */
  log: z.union([z.boolean(), z.number()]).default(false),
  scale: z.enum(["standard", "robust", "minmax", "none"]).default("none"),
  bin: z
    .union([
      z.strictObject({
        edges: z
          .array(z.number())
          .min(1)
          .refine(ascending, { error: "expected edges in ascending order" }),
      }),
      z.strictObject({ quantiles: z.int().min(2).max(1000) }),
    ])
    .optional(),
  missing_indicator: z.boolean().default(false),
};

const numeric = z.strictObject({ numeric: columns, name: column.optional(), ...numericOptions });

const categorical = z.strictObject({
  categorical: columns,
  name: column.optional(),
  encode: z.enum(["one_hot", "ordinal", "frequency"]).default("one_hot"),
  /** In this order for ordinal; default: those of the training split, sorted. */
  categories: z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .min(1)
    .optional(),
  /** Categories that are rarer in the training split count as one. */
  rare: z
    .union([
      z.strictObject({ min_count: z.int().positive() }),
      z.strictObject({ min_share: share }),
    ])
    .optional(),
  /** What a missing value counts as. */
  impute: z
    .union([z.enum(["most_frequent", "none"]), z.strictObject({ constant: z.string().min(1) })])
    .default("none"),
  missing_indicator: z.boolean().default(false),
});

const boolean = z.strictObject({
  boolean: columns,
  name: column.optional(),
  /** For text: the words that mean true and false. */
  true_values: z.array(z.string().min(1)).min(1).optional(),
  false_values: z.array(z.string().min(1)).min(1).optional(),
  impute: z.union([z.enum(["most_frequent", "none"]), z.boolean()]).default("most_frequent"),
  missing_indicator: z.boolean().default(false),
});

const datetime = z.strictObject({
  datetime: columns,
  parts: z.array(z.enum(DATETIME_PARTS)).min(1),
  /** Day 0 of elapsed_days. */
  since: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, "expected a date as YYYY-MM-DD")
    .default("1970-01-01"),
  impute: numericOptions.impute,
  scale: numericOptions.scale,
  missing_indicator: z.boolean().default(false),
});

const interaction = z.strictObject({
  interaction: z.array(column).min(2),
  name: column.optional(),
  ...numericOptions,
});

const ratio = z.strictObject({
  ratio: z.tuple([column, column]),
  name: column.optional(),
  ...numericOptions,
});

/** An SQL expression over the row, checked by its words. */
export const sqlExpression = z.string().superRefine((text, context) => {
  const problem = sqlExpressionProblem(text);
  if (problem !== undefined) context.addIssue(problem);
});

const sql = z.strictObject({
  sql: sqlExpression,
  name: column,
  /** When given, exactly the columns that the expression names. */
  inputs: z.array(column).optional(),
  ...numericOptions,
});

/**
 * Every column that nothing else uses (and that is not target, subject, key or join key): numbers
 * imputed by the median, booleans as 0/1, text one-hot with categories under 1 % as one. Dates and
 * columns that are empty in the training split are left out, and the record says so.
 */
const auto = z.strictObject({ auto: z.literal(true), except: z.array(column).default([]) });

const KINDS = { numeric, categorical, boolean, datetime, interaction, ratio, sql, auto } as const;

const anyTransform = z.union(Object.values(KINDS));

/** The union alone would blame the wrong kind, so the entry is parsed as the kind that its key names. */
export const transformParams = z
  .unknown()
  .superRefine((entry, context) => {
    const found = kindOf(entry);
    if (typeof found === "string") {
      context.addIssue(found);
      return;
    }
    const result = found.schema.safeParse(entry, { reportInput: true });
    for (const issue of result.error?.issues ?? []) {
      if (issue.code !== "unrecognized_keys") {
        context.issues.push({ ...issue, input: issue.input } as never);
        continue;
      }
      const near = nearestName(issue.keys[0]!, Object.keys(found.schema.shape));
      const suggestion = near === undefined ? "" : `; did you mean "${near}"?`;
      context.addIssue(`expected a known key, got "${issue.keys[0]}"${suggestion}`);
    }
  })
  .meta({ anyOf: z.toJSONSchema(anyTransform, { io: "input" }).anyOf })
  .pipe(anyTransform);

function kindOf(entry: unknown): string | { schema: (typeof KINDS)[keyof typeof KINDS] } {
  const words = Object.keys(KINDS);
  const keys = typeof entry === "object" && entry !== null ? Object.keys(entry) : [];
  const named = keys.find((key) => key in KINDS);
  if (named !== undefined) return { schema: KINDS[named as keyof typeof KINDS] };
  const near = keys.map((key) => nearestName(key, words)).find((word) => word !== undefined);
  const got = keys.length === 0 ? "none" : keys.map((key) => `"${key}"`).join(", ");
  return `expected one of the keys ${words.join(", ")}, got ${got}${
    near === undefined ? "" : `; did you mean "${near}"?`
  }`;
}

export type NumericTransform = Readonly<z.infer<typeof numeric>>;
export type CategoricalTransform = Readonly<z.infer<typeof categorical>>;
export type BooleanTransform = Readonly<z.infer<typeof boolean>>;
export type DatetimeTransform = Readonly<z.infer<typeof datetime>>;
export type InteractionTransform = Readonly<z.infer<typeof interaction>>;
export type RatioTransform = Readonly<z.infer<typeof ratio>>;
export type SqlTransform = Readonly<z.infer<typeof sql>>;
export type AutoTransform = Readonly<z.infer<typeof auto>>;
export type Transform =
  | NumericTransform
  | CategoricalTransform
  | BooleanTransform
  | DatetimeTransform
  | InteractionTransform
  | RatioTransform
  | SqlTransform
  | AutoTransform;

/** The options that numeric, interaction, ratio and sql share. */
export type NumericOptions = Pick<
  NumericTransform,
  "impute" | "clip" | "log" | "scale" | "bin" | "missing_indicator"
>;
