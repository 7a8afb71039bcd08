import { z } from "zod";

/**
 * Metrics that a threshold may bound, by the name they have in metrics.json. For `minimum` the test
 * value must be at least the threshold, for `maximum` (errors) at most.
 */
export const METRIC_BOUNDS = {
  accuracy: "minimum",
  balanced_accuracy: "minimum",
  precision: "minimum",
  recall: "minimum",
  f1: "minimum",
  precision_macro: "minimum",
  recall_macro: "minimum",
  f1_macro: "minimum",
  precision_weighted: "minimum",
  recall_weighted: "minimum",
  f1_weighted: "minimum",
  roc_auc: "minimum",
  pr_auc: "minimum",
  r2: "minimum",
  log_loss: "maximum",
  brier: "maximum",
  rmse: "maximum",
  mae: "maximum",
} as const satisfies Record<string, "minimum" | "maximum">;

export type MetricName = keyof typeof METRIC_BOUNDS;

export const METRIC_NAMES = Object.keys(METRIC_BOUNDS) as readonly MetricName[];

const bounds = Object.fromEntries(METRIC_NAMES.map((name) => [name, z.number().optional()]));

/**
 * The section `thresholds` of params.yaml. Accuracy and ROC AUC have a default gate; `null` opens
 * it. The default gate is for classification: a regression is not asked for an accuracy unless
 * params.yaml asks.
 */
export const thresholdParams = z.strictObject({
  ...(bounds as Record<MetricName, z.ZodOptional<z.ZodNumber>>),
  accuracy: z.number().nullable().optional(),
  roc_auc: z.number().nullable().optional(),
  /** Accuracy (regression: RMSE) must beat always answering the majority class (the mean). */
  beat_majority: z.boolean().default(true),
});

export type ThresholdParams = Readonly<z.infer<typeof thresholdParams>>;

/** The gate of a classifier where params.yaml says nothing. */
export const DEFAULT_GATE = { accuracy: 0.85, roc_auc: 0.8 } as const;
