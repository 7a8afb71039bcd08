import type { HistoryStep, Task } from "../learner.ts";
import { mostProbable } from "../predictor.ts";
import type { Axis, Range } from "./axis.ts";
import { barChart } from "./bar-chart.ts";
import { confusionChart } from "./confusion-chart.ts";
import { calibrationBins, precisionRecallCurve, rocCurve } from "./curves.ts";
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
  probabilities: Float64Array;
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

function regressionPlot({ labels, probabilities }: PlotInput): Plot {
  const bins = calibrationBins(labels, probabilities);
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

type ClassScores = Readonly<{ name: string; isPositive: Uint8Array; scores: Float64Array }>;

/** A binary model has one curve, that of its positive class; others have one a class. */
function classScores({ task, classNames, labels, probabilities }: PlotInput): ClassScores[] {
  const width = classNames.length;
  const all = classNames.map((name, k) => ({
    name,
    isPositive: Uint8Array.from(labels, (label) => (label === k ? 1 : 0)),
    scores: Float64Array.from(labels, (_, row) => probabilities[row * width + k]!),
  }));
  return task === "binary" ? all.slice(1) : all;
}

function classifierPlots(input: PlotInput): Plot[] {
  const classes = classScores(input);
  const roc = classes.map((one) => ({
    class: one.name,
    points: rocCurve(one.isPositive, one.scores),
  }));
  const precisionRecall = classes.map((one) => ({
    ...{ class: one.name, points: precisionRecallCurve(one.isPositive, one.scores) },
  }));
  const calibration = classes.map((one) => ({
    ...{ class: one.name, bins: calibrationBins(one.isPositive, one.scores) },
  }));
  const axis = (label: string): Axis => ({ label, domain: UNIT });
  return [
    {
      ...{ name: "roc", data: { curves: roc } },
      svg: lineChart({
        title: "ROC",
        description: `True against false positive rate on the test split, for ${listOf(classes)}.`,
        ...{ x: axis("false positive rate"), y: axis("true positive rate") },
        lines: [
          ...roc.map((one) => ({ name: one.class, points: one.points })),
          { ...DIAGONAL, name: "chance" },
        ],
      }),
    },
    {
      ...{ name: "precision_recall", data: { curves: precisionRecall } },
      svg: lineChart({
        title: "Precision and recall",
        description: `Precision against recall on the test split, for ${listOf(classes)}.`,
        ...{ x: axis("recall"), y: axis("precision") },
        lines: precisionRecall.map((one) => ({ name: one.class, points: one.points })),
      }),
    },
    {
      ...{ name: "calibration", data: { curves: calibration } },
      svg: lineChart({
        title: "Calibration",
        description: `Observed share against mean probability in ten groups of the test split, for ${listOf(classes)}.`,
        ...{ x: axis("mean probability"), y: axis("observed share") },
        lines: [
          ...calibration.map((one) => ({
            ...{ name: one.class, dots: true },
            points: one.bins.map(({ predicted, observed }) => ({ x: predicted, y: observed })),
          })),
          { ...DIAGONAL, name: "perfect" },
        ],
      }),
    },
    confusionPlot(input),
  ];
}

function confusionPlot({ classNames, labels, probabilities }: PlotInput): Plot {
  const counts = classNames.map(() => classNames.map(() => 0));
  labels.forEach((label, row) => {
    counts[label]![mostProbable(probabilities, row, classNames.length)]! += 1;
  });
  const svg = confusionChart("Confusion matrix", classNames, counts);
  return { name: "confusion_matrix", svg, data: { classes: classNames, counts } };
}

function listOf(classes: readonly ClassScores[]): string {
  return classes.map(({ name }) => `class ${name}`).join(", ");
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
