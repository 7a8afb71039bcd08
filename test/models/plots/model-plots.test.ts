import { expect, test } from "vitest";
import { ticks } from "../../../src/models/plots/axis.ts";
import { barChart } from "../../../src/models/plots/bar-chart.ts";
import { calibrationBins } from "../../../src/models/plots/calibration-bins.ts";
import { modelPlots, type PlotInput } from "../../../src/models/plots/model-plots.ts";

const input: PlotInput = {
  ...{ task: "binary", classNames: ["no", "<yes & more>"], bestStep: 2 },
  history: [
    { step: 1, trainLoss: 0.6, validationLoss: 0.65 },
    { step: 2, trainLoss: 0.4, validationLoss: 0.5 },
  ],
  importance: [
    { name: "age", value: 3 },
    { name: "site=Basel", value: -5 },
  ],
  importanceMeasure: "gain",
  confusion: [
    [2, 0],
    [1, 1],
  ],
  labels: Float64Array.of(0, 1, 0, 1),
  scores: Float64Array.of(0.9, 0.1, 0.6, 0.4, 0.65, 0.35, 0.2, 0.8),
};

test("a classifier has six plots, each with an accessible title, its data and no script", () => {
  const plots = modelPlots(input);
  expect(plots.map(({ name }) => name)).toEqual([
    ...["learning_curve", "feature_importance", "roc", "precision_recall", "calibration"],
    "confusion_matrix",
  ]);
  for (const { svg, data } of plots) {
    expect(svg).toMatch(/^<svg [^>]*role="img" aria-labelledby="title description"/);
    expect(svg).toMatch(/<title id="title">[^<]+<\/title><desc id="description">[^<]+<\/desc>/);
    expect(svg).not.toMatch(/<script|NaN|Infinity|undefined|<yes/);
    expect(JSON.stringify(data)).not.toContain("NaN");
  }
});

test("pictures are the same bytes each time", () => {
  expect(modelPlots(structuredClone(input))).toEqual(modelPlots(input));
});

test("a regression has calibration in place of curves of classes", () => {
  const plots = modelPlots({
    ...{ ...input, task: "regression", classNames: [], confusion: null },
    scores: Float64Array.of(0.5, 1.5, 0.5, 1),
  });
  expect(plots.map(({ name }) => name)).toEqual([
    "learning_curve",
    "feature_importance",
    "calibration",
  ]);
});

test("three classes have three curves each", () => {
  const plots = modelPlots({
    ...{ ...input, task: "multiclass", classNames: ["a", "b", "c"] },
    labels: Float64Array.of(0, 1, 2),
    scores: Float64Array.of(0.5, 0.3, 0.2, 0.4, 0.3, 0.3, 0.2, 0.2, 0.6),
    confusion: [
      [1, 0, 0],
      [1, 0, 0],
      [0, 0, 1],
    ],
  });
  const roc = plots.find(({ name }) => name === "roc")!.data as { curves: { class: string }[] };
  expect(roc.curves.map((curve) => curve.class)).toEqual(["a", "b", "c"]);
  expect(plots.at(-1)!.svg).toContain("Rows of the test split by actual class. a: 1 predicted a");
});

test("calibration groups are of equal size and hold the means", () => {
  const predicted = Float64Array.from({ length: 20 }, (_, i) => i / 20);
  const bins = calibrationBins(predicted.map(Math.round), predicted);
  expect(bins).toHaveLength(10);
  expect(bins.every(({ count }) => count === 2)).toBe(true);
  expect(bins[0]!.predicted).toBeCloseTo(0.025, 15);
  expect(bins[9]!.observed).toBe(1);
});

test("ticks are round", () => {
  expect(ticks({ from: 0, to: 1 }, 6)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(ticks({ from: 0.31, to: 0.66 }, 6)).toEqual([0.4, 0.5, 0.6]);
  expect(ticks({ from: 1, to: 300 }, 6)).toEqual([50, 100, 150, 200, 250, 300]);
  expect(ticks({ from: 2, to: 2 }, 6)).toEqual([2]);
});

test("names are escaped and cut where they are long", () => {
  const svg = barChart("t", "d", [{ name: `a<b>&"\u0001${"x".repeat(40)}`, value: 0 }]);
  expect(svg).toContain(`a&lt;b&gt;&amp;&quot;\ufffd${"x".repeat(18)}…`);
});
