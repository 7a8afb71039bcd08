import { expect, test } from "vitest";
import { createRandom } from "../../../src/core/random.ts";
import { type EvaluateOptions, evaluate } from "../../../src/models/metrics/evaluate.ts";

const options: EvaluateOptions = {
  trainLabels: Float64Array.of(0, 0, 0, 1),
  slices: [
    {
      name: "site",
      codes: Int32Array.of(1, 0, 1, 0, -1, 1),
      dictionary: ["Basel", "Aarhus"],
    },
  ],
  subjects: null,
  bootstrap: { samples: 200, confidence: 0.95 },
  random: createRandom(1),
};
const predictions = {
  task: "binary",
  classCount: 2,
  labels: Float64Array.of(0, 1, 0, 1, 1, 0),
  scores: Float64Array.of(0.9, 0.1, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.6, 0.4, 0.8, 0.2),
} as const;

test("an evaluation holds metrics, baseline, intervals and slices", () => {
  const report = evaluate(predictions, options);
  expect(report.row_count).toBe(6);
  expect(report.metrics.accuracy).toBeCloseTo(4 / 6, 12);
  expect(report.confusion_matrix).toEqual([
    [2, 1],
    [1, 2],
  ]);
  const { low, high } = report.intervals.accuracy!;
  expect(low).toBeLessThanOrEqual(4 / 6);
  expect(high).toBeGreaterThanOrEqual(4 / 6);
  expect(high).toBeGreaterThan(low);
});

test("the baseline always answers the commonest class of the training rows", () => {
  const { baseline } = evaluate(predictions, options);
  expect(baseline).toMatchObject({
    accuracy: 0.5,
    balanced_accuracy: 0.5,
    recall: 0,
    roc_auc: 0.5,
  });
  expect(baseline.log_loss).toBeCloseTo(-(Math.log(0.75) + Math.log(0.25)) / 2, 12);
});

test("the baseline of a regression is the mean of the training rows", () => {
  const { baseline } = evaluate(
    {
      task: "regression",
      classCount: 1,
      labels: Float64Array.of(1, 3),
      scores: Float64Array.of(1, 3),
    },
    { ...options, slices: [], trainLabels: Float64Array.of(1, 2, 6) },
  );
  expect(baseline.rmse).toBeCloseTo(Math.sqrt((4 + 0) / 2), 12);
});

test("slices are in the order of their values, the missing one last", () => {
  const { slices } = evaluate(predictions, options);
  expect(slices.map((slice) => [slice.column, slice.value, slice.row_count])).toEqual([
    ["site", "Aarhus", 3],
    ["site", "Basel", 2],
    ["site", null, 1],
  ]);
  expect(slices[0]!.metrics.accuracy).toBeCloseTo(2 / 3, 12);
  expect(slices[0]!.metrics.roc_auc).toBeNull();
  expect(slices[0]!.not_computed.roc_auc).toBe("no row of the positive class");
});
