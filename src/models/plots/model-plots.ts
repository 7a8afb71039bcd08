import type { HistoryStep, Task } from "../learner.ts";
import { type Curves, curvesOf } from "../metrics/curves.ts";
import type { Axis, Range } from "./axis.ts";
import { barChart } from "./bar-chart.ts";
import { calibrationBins } from "./calibration-bins.ts";
import { confusionChart } from "./confusion-chart.ts";
import { type Line, lineChart } from "./line-chart.ts";

/** A picture and the numbers that it shows: plots/<name>.svg and plots/<name>.json. */
export type Plot = Readonly<{ name: string; svg: string; data: unknown }>;

export type PlotInput = Readonly<{
  task: Task;
  /** Names of the classes by index; empty for regression. */
  classNames: readonly string[];
  history: readonly HistoryStep[];
  bestStep: number;
  importance: readonly Readonly<{ name: string; value: number }>[];
  importanceMeasure: string;
  /** The test split: class indices (or targets) and row-major probabilities (or predictions). */
  labels: Float64Array;
  scores: Float64Array;
  /** Rows are true classes; null for regression. */
  confusion: readonly (readonly number[])[] | null;
}>;

const UNIT: Range = { from: 0, to: 1 };
const DIAGONAL: Line = {
  ...{ name: "reference", reference: true },
  points: [
    { x: 0, y: 0 },
    { x: 1, y: 1 },
  ],
};
const MOST_FEATURES = 25;

/** Every plot of a trained model: two of the training, the others of the test split. */
export function modelPlots(input: PlotInput): Plot[] {
  const training = [learningCurve(input), importancePlot(input)];
  if (input.task === "regression") return [...training, regressionPlot(input)];
  return [...training, ...classifierPlots(input)];
}

function learningCurve({ history, bestStep, task }: PlotInput): Plot {
  const train = history.map(({ step, trainLoss }) => ({ x: step, y: trainLoss }));
  const validation = history.flatMap(({ step, validationLoss }) =>
    validationLoss === null ? [] : [{ x: step, y: validationLoss }],
  );
  const loss = task === "regression" ? "mean squared error" : "log loss";
  const svg = lineChart({
    title: "Learning curve",
    description: `Loss on the training and validation split by step; the model is that of step ${bestStep}.`,
    x: { label: "step", domain: rangeOf(train.map(({ x }) => x)) },
    y: { label: loss, domain: rangeOf([...train, ...validation].map(({ y }) => y)) },
    lines: [
      { name: "train", points: train },
      ...(validation.length === 0 ? [] : [{ name: "validation", points: validation }]),
    ],
  });
  return { name: "learning_curve", svg, data: { loss, best_step: bestStep, train, validation } };
}

function importancePlot({ importance, importanceMeasure }: PlotInput): Plot {
  const sorted = [...importance].sort(
    (a, b) => Math.abs(b.value) - Math.abs(a.value) || (a.name < b.name ? -1 : 1),
  );
  const shown = sorted
    .slice(0, MOST_FEATURES)
    .map(({ name, value }) => ({ name, value: Math.abs(value) }));
  const measure = importanceMeasure.replaceAll("_", " ");
  const svg = barChart(
    `Feature importance (${measure})`,
    `The ${shown.length} most important of ${sorted.length} features by ${measure}.`,
    shown,
  );
  return {
    name: "feature_importance",
    svg,
    data: { measure: importanceMeasure, features: sorted },
  };
}

function regressionPlot({ labels, scores }: PlotInput): Plot {
  const bins = calibrationBins(labels, scores);
  const domain = rangeOf(bins.flatMap(({ predicted, observed }) => [predicted, observed]));
  const svg = lineChart({
    title: "Calibration",
    description: "Mean target against mean prediction in ten groups of the test split.",
    x: { label: "mean prediction", domain },
    y: { label: "mean target", domain },
    lines: [
      {
        ...{ name: "reference", reference: true },
        points: [
          { x: domain.from, y: domain.from },
          { x: domain.to, y: domain.to },
        ],
      },
      {
        ...{ name: "model", dots: true },
        points: bins.map(({ predicted, observed }) => ({ x: predicted, y: observed })),
      },
    ],
  });
  return { name: "calibration", svg, data: { bins } };
}

/** A binary model has one curve, that of its positive class; others have one a class. */
function classifierPlots(input: PlotInput): Plot[] {
  const { task, classNames, labels, scores, confusion } = input;
  const curves = curvesOf({ task, classCount: classNames.length, labels, scores });
  const nameOf = (curve: Curves) => classNames[curve.positive] ?? String(curve.positive);
  const who = curves.map((curve) => `class ${nameOf(curve)}`).join(", ");
  const axis = (label: string): Axis => ({ label, domain: UNIT });
  return [
    {
      name: "roc",
      data: { curves: curves.map((curve) => ({ class: nameOf(curve), points: curve.roc })) },
      svg: lineChart({
        title: "ROC",
        description: `True against false positive rate on the test split, for ${who}.`,
        ...{ x: axis("false positive rate"), y: axis("true positive rate") },
        lines: [
          ...curves.map((curve) => ({
            name: nameOf(curve),
            points: curve.roc.map(({ fpr, tpr }) => ({ x: fpr, y: tpr })),
          })),
          { ...DIAGONAL, name: "chance" },
        ],
      }),
    },
    {
      name: "precision_recall",
      data: {
        curves: curves.map((curve) => ({ class: nameOf(curve), points: curve.precision_recall })),
      },
      svg: lineChart({
        title: "Precision and recall",
        description: `Precision against recall on the test split, for ${who}.`,
        ...{ x: axis("recall"), y: axis("precision") },
        lines: curves.map((curve) => ({
          name: nameOf(curve),
          points: curve.precision_recall.map(({ recall, precision }) => ({
            x: recall,
            y: precision,
          })),
        })),
      }),
    },
    {
      name: "calibration",
      data: { curves: curves.map((curve) => ({ class: nameOf(curve), bins: curve.calibration })) },
      svg: lineChart({
        title: "Calibration",
        description: `Observed share against mean probability in ten bins of the test split, for ${who}.`,
        ...{ x: axis("mean probability"), y: axis("observed share") },
        lines: [
          ...curves.map((curve) => ({
            ...{ name: nameOf(curve), dots: true },
            points: curve.calibration.map(({ predicted, observed }) => ({
              x: predicted,
              y: observed,
            })),
          })),
          { ...DIAGONAL, name: "perfect" },
        ],
      }),
    },
    ...(confusion === null ? [] : [confusionPlot(classNames, confusion)]),
  ];
}

function confusionPlot(
  classNames: readonly string[],
  counts: readonly (readonly number[])[],
): Plot {
  const svg = confusionChart("Confusion matrix", classNames, counts);
  return { name: "confusion_matrix", svg, data: { classes: classNames, counts } };
}

/** The range of values, widened where it would be a point. */
function rangeOf(values: readonly number[]): Range {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    from = Math.min(from, value);
    to = Math.max(to, value);
  }
  if (!Number.isFinite(from) || !Number.isFinite(to)) return UNIT;
  return from === to ? { from: from - 0.5, to: to + 0.5 } : { from, to };
}
