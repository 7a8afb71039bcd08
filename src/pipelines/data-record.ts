import { z } from "zod";
import { type Digest, isDigest } from "../core/hash.ts";
import { SOURCE_TYPES } from "../sources/origin.ts";
import { DATA_FORMATS } from "../table/source-params.ts";
import { qualityFinding } from "./quality-gate.ts";

const digest = z.custom<Digest>(isDigest, "expected sha256:<64 hex digits>");
const text = z.string().min(1);
const count = z.int().nonnegative();

const recordedFile = z.strictObject({
  /** Relative to params.yaml, with forward slashes. */
  path: text,
  sha256: digest,
  size_bytes: count,
});

/** Smallest and largest value: numbers as numbers, dates and text as text; null where there is none. */
const bound = z.union([z.number(), z.string(), z.boolean()]).nullable();

const columnStatistics = z.strictObject({
  name: text,
  /** pandas' name. */
  type: text,
  /** Nulls and NaN. */
  missing: count,
  /** Distinct values: exact up to a thousand, then an estimate; null for floats and times. */
  distinct: count.nullable(),
  min: bound,
  max: bound,
  mean: z.number().nullable(),
  /** Of the sample (n - 1). */
  std: z.number().nullable(),
  /** Digest of the column's values in row order. */
  digest,
  /** Marked `sensitivity` in the contract: no value is shown. */
  masked: z.boolean(),
});

export const datasetQuality = z.strictObject({
  missing_cells: count,
  duplicate_rows: count,
  invalid_cells: count,
  cells: count,
  /** Valid, present, non-duplicate cells ÷ all cells. */
  score: z.number().min(0).max(1),
});
export type DatasetQuality = Readonly<z.infer<typeof datasetQuality>>;

export const datasetRecord = z.strictObject({
  name: text,
  /** The raw Parquet file, or the manifest of its parts. */
  path: text,
  format: z.literal("parquet"),
  sha256: digest,
  size_bytes: count,
  data_digest: digest,
  schema_hash: digest,
  row_count: count,
  column_count: count,
  /** Columns that identify a row, when the source declares them. */
  key: z.array(text).nullable(),
  /** Files of the rows that the contract dropped; they hold values in clear and stay where they are. */
  quarantine: z.array(recordedFile.extend({ row_count: count })).optional(),
  /** Of a dataset that grows: every file that its manifest names. */
  parts: z.array(recordedFile).optional(),
  /** What the rows were read from, where it is not files. */
  source_type: z.enum(SOURCE_TYPES).exclude(["file"]).optional(),
  sources: z.array(recordedFile.extend({ format: z.enum(DATA_FORMATS) })),
  statistics: z.array(columnStatistics),
  quality: datasetQuality,
  /** What a gate of severity warning found. */
  quality_gate: z.array(qualityFinding).optional(),
  contract: z
    .strictObject({
      path: text,
      sha256: digest,
      valid: z.boolean(),
      checks: count,
      warnings: count,
    })
    .nullable(),
  /** Digest of all that decides this dataset: files, params, contract, version. */
  input_digest: digest,
});
export type DatasetRecord = Readonly<z.infer<typeof datasetRecord>>;

/**
 * data/raw/data.record.json: what an ingest made of what. Content only, no time and no fact of the
 * machine, so the same inputs, params and version give the same bytes everywhere.
 */
export const dataRecord = z.strictObject({
  schema_version: z.literal(1),
  stage: z.literal("data"),
  /** Version of DuetMind that ingested. */
  duetmind: text,
  datasets: z.array(datasetRecord),
});
export type DataRecord = Readonly<z.infer<typeof dataRecord>>;
