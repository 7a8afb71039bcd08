import { z } from "zod";
import { type Digest, isDigest } from "../core/hash.ts";

const digest = z.custom<Digest>(isDigest, "expected sha256:<64 hex digits>");
const text = z.string().min(1);
const count = z.int().nonnegative();

const recordedFile = z.strictObject({
  /** Relative to params.yaml, with forward slashes. */
  path: text,
  sha256: digest,
  size_bytes: count,
});

/** One of features, labels, split and test-inputs: a Parquet file in the order of its `row_id`. */
const featureOutput = recordedFile.extend({
  name: text,
  format: z.literal("parquet"),
  row_count: count,
  columns: z.array(z.strictObject({ name: text, type: text })),
  schema_hash: digest,
  data_digest: digest,
});

const checkedContract = z.strictObject({
  subject: z.enum(["features", "labels", "split"]),
  path: text,
  sha256: digest,
  checks: count,
  warnings: count,
});

const rowsBySplit = z.strictObject({ train: count, validation: count, test: count });

/**
 * data/processed/features.record.json: which features were made of what. Content only, no time and no
 * fact of the machine, so the same inputs, params and version give the same bytes everywhere.
 */
export const featuresRecord = z.strictObject({
  schema_version: z.literal(1),
  stage: z.literal("features"),
  /** Version of DuetMind that built them. */
  duetmind: text,
  view: z.strictObject({
    name: text,
    feature_hash: digest,
    fit_hash: digest,
    /** Of features.parquet without row_id. */
    schema_hash: digest,
    feature_list: z.array(text),
    definition: z.record(z.string(), z.unknown()),
  }),
  /** Raw datasets read, the base first. */
  inputs: z.array(recordedFile.extend({ name: text })),
  /** The sections of params.yaml that decided, with every default filled in. */
  params: z.strictObject({
    features: z.record(z.string(), z.unknown()),
    split: z.record(z.string(), z.unknown()),
  }),
  target: z.strictObject({
    column: text,
    type: text,
    classes: z.array(z.union([z.string(), z.number(), z.boolean()])).nullable(),
  }),
  rows: z.strictObject({
    total: count,
    /** Left out: without a target there is nothing to learn from or to compare with. */
    without_target: count,
    by_split: rowsBySplit,
  }),
  subjects: rowsBySplit,
  /** Columns that auto left out, with the reason. */
  dropped: z.array(z.strictObject({ column: text, reason: text })),
  contracts: z.array(checkedContract),
  outputs: z.array(featureOutput),
  feature_view: recordedFile,
});

export type FeaturesRecord = Readonly<z.infer<typeof featuresRecord>>;
export type FeatureOutput = Readonly<z.infer<typeof featureOutput>>;
export type CheckedContract = Readonly<z.infer<typeof checkedContract>>;
