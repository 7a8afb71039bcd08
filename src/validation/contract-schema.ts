import { z } from "zod";
import { CHECK_SPELLINGS } from "./check-catalog.ts";
import { DEFAULT_EVOLUTION } from "./contract.ts";
import { tableChecksSchema } from "./table-checks-schema.ts";

/** The shape of a contract file: its keys and their types. What the values mean is parse-contract's. */
const scalar = z.union([z.string(), z.number(), z.bigint(), z.boolean(), z.null()]);
const label = z.union([z.string(), z.null()]).default(null);
const reportDuplicates = z.enum(["all", "exclude_first", "exclude_last"]).default("all");
const checks = z.unknown().optional();

const flatChecks = Object.fromEntries(CHECK_SPELLINGS.map((name) => [name, z.unknown()]));

const fieldKeys = {
  title: label,
  description: label,
  dtype: label,
  nullable: z.boolean().default(false),
  unique: z.boolean().default(false),
  coerce: z.boolean().default(false),
  default: scalar.default(null),
  report_duplicates: reportDuplicates,
  drop_invalid_rows: z.boolean().default(false),
  sensitivity: z.union([z.enum(["identifier", "phi"]), z.null()]).default(null),
  checks,
};

/** Pandera's reader drops them, and so its file cannot ask for the warning; `metadata` says nothing of the data. */
const onMissing = z.union([z.literal("warn"), z.null()]).optional();

const columnKeys = {
  ...fieldKeys,
  on_missing: onMissing,
  metadata: z.unknown().optional(),
  name: z.union([z.string(), z.bigint(), z.null()]).default(null),
  required: z.boolean().default(true),
  regex: z.boolean().default(false),
};

/** zod makes unknown keys required in an object type, so the checks are added as a loose part. */
export const columnSchema = z.strictObject({ ...columnKeys, ...optional(flatChecks) });
export const indexSchema = z.strictObject({ ...fieldKeys, name: label, ...optional(flatChecks) });

function optional(shape: Record<string, z.ZodType>): Record<string, z.ZodOptional<z.ZodUnknown>> {
  return Object.fromEntries(Object.keys(shape).map((key) => [key, z.unknown().optional()]));
}

const action = z.enum(["fail", "add", "ignore"]);

/** DuetMind's own; Pandera does not look at it. */
const evolutionSchema = z.strictObject({
  added: action.default(DEFAULT_EVOLUTION.added),
  removed: action.default(DEFAULT_EVOLUTION.removed),
  retyped: z.enum(["fail", "ignore"]).default(DEFAULT_EVOLUTION.retyped),
});

export const contractSchema = z.strictObject({
  schema_type: z.string().optional(),
  version: z.unknown().optional(),
  api: z.string().optional(),
  dataframe_library: z.string().optional(),
  metadata: z.unknown().optional(),
  on_missing_columns: onMissing,
  columns: z
    .union([z.record(z.string(), columnSchema), z.array(columnSchema), z.null()], {
      error: "expected columns by their names, or a list of them",
    })
    .default({}),
  checks,
  index: z.union([z.array(indexSchema), z.null()]).default(null),
  multiindex: z.union([z.record(z.string(), scalar), z.null()]).default(null),
  dtype: label,
  coerce: z.boolean().default(false),
  strict: z.union([z.boolean(), z.literal("filter")]).default(false),
  name: label,
  ordered: z.boolean().default(false),
  unique: z
    .union([z.string(), z.array(z.string()), z.array(z.array(z.string())), z.null()])
    .default(null),
  report_duplicates: reportDuplicates,
  unique_column_names: z.boolean().default(false),
  add_missing_columns: z.boolean().default(false),
  title: label,
  description: label,
  drop_invalid_rows: z.boolean().default(false),
  evolution: evolutionSchema.optional(),
  table_checks: tableChecksSchema.optional(),
});

export type ContractFile = z.infer<typeof contractSchema>;
export type ColumnFile = z.infer<typeof columnSchema>;
export type IndexFile = z.infer<typeof indexSchema>;
