import type { Random } from "../../core/random.ts";
import { bootstrapIntervals, type Interval } from "../bootstrap.ts";
import type { MetricName } from "../threshold-params.ts";
import { type Measured, type MetricValues, measure, onceEach } from "./measure.ts";
import { type Predictions, prepare } from "./predictions.ts";
import { type SliceColumn, type SliceReport, sliceMetrics } from "./slices.ts";

/** All that is known about a model on one split. */
export type Evaluation = Measured &
  Readonly<{
    row_count: number;
    /** The same metrics for answers that know the training labels only, see `baselineOf`. */
    baseline: MetricValues;
    confidence: number;
    intervals: Readonly<Partial<Record<MetricName, Interval>>>;
    slices: readonly SliceReport[];
  }>;

export type EvaluateOptions = Readonly<{
  trainLabels: Float64Array;
  slices: readonly SliceColumn[];
  subjects: Int32Array | null;
  bootstrap: Readonly<{ samples: number; confidence: number }>;
  random: Random;
}>;

export function evaluate(predictions: Predictions, options: EvaluateOptions): Evaluation {
  const prepared = prepare(predictions);
  return {
    row_count: prepared.rowCount,
    ...measure(prepared, onceEach(prepared.rowCount)),
    baseline: baselineOf(predictions, options.trainLabels),
    confidence: options.bootstrap.confidence,
    intervals: bootstrapIntervals(
      prepared,
      { ...options.bootstrap, subjects: options.subjects },
      options.random.split("bootstrap"),
    ),
    slices: options.slices.flatMap((column) => sliceMetrics(predictions, column)),
  };
}

/**
 * The majority-class baseline: every row gets the class shares of the training labels, so the
 * predicted class is always the commonest one; for regression, their mean.
 */
export function baselineOf(predictions: Predictions, trainLabels: Float64Array): MetricValues {
  const { task, classCount, labels } = predictions;
  const constant = new Float64Array(task === "regression" ? 1 : classCount);
  for (const label of trainLabels) {
    if (task === "regression") constant[0] = constant[0]! + label / trainLabels.length;
    else constant[label] = constant[label]! + 1 / trainLabels.length;
  }
  const width = constant.length;
  const scores = new Float64Array(labels.length * width);
  for (let row = 0; row < labels.length; row++) scores.set(constant, row * width);
  return measure(prepare({ ...predictions, scores }), onceEach(labels.length)).metrics;
}
