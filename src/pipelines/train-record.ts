import { z } from "zod";
import { type Digest, isDigest } from "../core/hash.ts";

const digest = z.custom<Digest>(isDigest, "expected sha256:<64 hex digits>");
const text = z.string().min(1);

const recordedFile = z.strictObject({
  /** Relative to params.yaml, with forward slashes. */
  path: text,
  sha256: digest,
  size_bytes: z.int().nonnegative(),
});

/**
 * models/<name>/train.record.json: what a training made of what. Content only, no time and no fact of
 * the machine, so the same inputs, params and version give the same bytes everywhere. It holds all
 * that registration needs.
 */
export const trainRecord = z.strictObject({
  schema_version: z.literal(1),
  stage: z.literal("train"),
  /** Version of DuetMind that trained. */
  duetmind: text,
  model: text,
  algorithm: text,
  task: z.enum(["binary", "multiclass", "regression"]),
  seed: z.number(),
  target: z.strictObject({
    column: text,
    type: text,
    /** Labels by class index; a binary model's class 1 is the positive one. Null for regression. */
    classes: z.array(z.union([z.string(), z.number(), z.boolean()])).nullable(),
  }),
  /** The sections of params.yaml that decided, with every default filled in. */
  params: z.strictObject({
    model: z.record(z.string(), z.json()),
    thresholds: z.record(z.string(), z.json()),
  }),
  /** data/processed: features, labels, split, inputs of the test split, feature view. */
  inputs: z.array(recordedFile),
  feature_view: z.strictObject({ name: text, feature_hash: digest, fit_hash: digest }),
  rows: z.strictObject({ train: z.int(), validation: z.int(), test: z.int() }),
  training: z.strictObject({ steps: z.int(), best_step: z.int(), converged: z.boolean() }),
  /** Loss after each step: the metric history of the run. */
  history: z.array(
    z.strictObject({
      step: z.int(),
      train_loss: z.number(),
      validation_loss: z.number().nullable(),
    }),
  ),
  /** Scalar metrics by name; all of them, with intervals, are in metrics.json. */
  metrics: z.strictObject({
    validation: z.record(z.string(), z.number()),
    test: z.record(z.string(), z.number()),
  }),
  /** model.onnx scored these rows of the test split as our own scorer does, to this tolerance. */
  onnx_check: z.strictObject({ rows: z.int(), tolerance: z.number() }),
  decision: z.strictObject({
    status: z.enum(["staging", "rejected"]),
    reasons: z.array(z.string()),
  }),
  /** The MLmodel folder among the artifacts. */
  model_folder: text,
  /** Every file of models/<name> but this one. */
  artifacts: z.array(recordedFile),
});

export type TrainRecord = Readonly<z.infer<typeof trainRecord>>;
export type RecordedFile = Readonly<z.infer<typeof recordedFile>>;
