import { createRandom } from "../core/random.ts";
import type { LabelledMatrix } from "../models/matrix.ts";
import { type Evaluation, evaluate } from "../models/metrics/evaluate.ts";
import type { SliceColumn, SliceReport } from "../models/metrics/slices.ts";
import type { ModelParams } from "../models/params.ts";
import type { MetricName } from "../models/threshold-params.ts";
import type { Column } from "../table/columns.ts";
import type { TargetPlan } from "./train-target.ts";

/** A metric with its interval, and what always answering the majority class (or the mean) reaches. */
export type ReportedMetric = Readonly<{
  value: number | null;
  lower: number | null;
  upper: number | null;
  baseline: number | null;
}>;

export type SplitReport = Readonly<{
  row_count: number;
  confidence: number;
  metrics: Readonly<Record<string, ReportedMetric>>;
  not_computed: Readonly<Record<string, string>>;
  confusion_matrix: Evaluation["confusion_matrix"];
  slices: readonly SliceReport[];
}>;

/** metrics.json but for its schema_version. */
export type MetricsReport = Readonly<{
  classes: TargetPlan["classes"];
  validation: SplitReport;
  test: SplitReport;
}>;

export type ScoredSplit = Readonly<{
  labels: Float64Array;
  scores: Float64Array;
  rows: Int32Array;
}>;

export type EvaluateInput = Readonly<{
  params: ModelParams;
  target: TargetPlan;
  train: LabelledMatrix;
  validation: ScoredSplit;
  test: ScoredSplit;
  /** Code of each row's subject over all rows, or null. */
  subjects: Float64Array | null;
  /** Columns of `model.slices` over all rows. */
  slices: readonly Column[];
}>;

/** Metrics on validation and test, with intervals, baseline and slices. */
export function evaluateModel(
  input: EvaluateInput,
): Readonly<{ report: MetricsReport; test: Evaluation }> {
  const test = evaluateSplit(input, "test");
  const validation = evaluateSplit(input, "validation");
  return {
    test,
    report: {
      classes: input.target.classes,
      validation: toReport(validation),
      test: toReport(test),
    },
  };
}

function evaluateSplit(input: EvaluateInput, split: "validation" | "test"): Evaluation {
  const { params, target, train, slices, subjects } = input;
  const { labels, scores, rows } = input[split];
  const { task, classes } = target;
  return evaluate(
    { task, classCount: Math.max(1, classes.length), labels, scores },
    {
      trainLabels: train.labels,
      slices: slices.map((column) => toSlice(column, rows)),
      subjects: subjects === null ? null : toSubjects(subjects, rows),
      bootstrap: params.bootstrap,
      random: createRandom(params.seed).split(split),
    },
  );
}

function toReport(evaluation: Evaluation): SplitReport {
  const { metrics, baseline, intervals, row_count, confidence, slices } = evaluation;
  const reported = Object.entries(metrics).map(([name, value]): [string, ReportedMetric] => {
    const interval = intervals[name as MetricName];
    return [
      name,
      {
        ...{ value, lower: interval?.low ?? null, upper: interval?.high ?? null },
        baseline: baseline[name as MetricName] ?? null,
      },
    ];
  });
  return {
    ...{
      row_count,
      confidence,
      slices,
      metrics: row_count === 0 ? {} : Object.fromEntries(reported),
    },
    not_computed: evaluation.not_computed,
    confusion_matrix: evaluation.confusion_matrix,
  };
}

/** The metrics that have a value, by name. */
export function scalarsOf(report: SplitReport): Record<string, number> {
  return Object.fromEntries(
    Object.entries(report.metrics).flatMap(([name, { value }]) =>
      value === null ? [] : [[name, value]],
    ),
  );
}

/** The subjects of some rows, numbered anew in the order in which they appear there. */
function toSubjects(codes: Float64Array, rows: Int32Array): Int32Array {
  const places = new Map<number, number>();
  return rows.map((row) => {
    const code = codes[row]!;
    const place = places.get(code) ?? places.size;
    places.set(code, place);
    return place;
  });
}

/** The values of a slice column at some rows; numbers become their text. */
function toSlice(column: Column, rows: Int32Array): SliceColumn {
  if (column.kind === "text") {
    const codes = Int32Array.from(rows, (row) => column.codes[row]!);
    return { name: column.name, codes, dictionary: column.dictionary };
  }
  const values = Array.from(rows, (row) => column.values[row]!);
  const distinct = [...new Set(values)]
    .filter((value) => !Number.isNaN(value))
    .sort((a, b) => a - b);
  const place = new Map(distinct.map((value, i) => [value, i]));
  return {
    name: column.name,
    codes: Int32Array.from(values, (value) => place.get(value) ?? -1),
    dictionary: distinct.map(String),
  };
}
