import { expect, test } from "vitest";
import { measure, onceEach } from "../../../src/models/metrics/measure.ts";
import { prepare, takePredictions } from "../../../src/models/metrics/predictions.ts";
import type { MetricName } from "../../../src/models/threshold-params.ts";
import classification from "../../interop/scikit-learn-1.9.1/classification.json" with {
  type: "json",
};
import regression from "../../interop/scikit-learn-1.9.1/regression.json" with { type: "json" };

type Expected = Readonly<Partial<Record<MetricName, number | null>>>;

function expectMetrics(observed: Expected, expected: Expected): void {
  expect(Object.keys(observed).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected) as [MetricName, number | null][]) {
    if (value === null) expect(observed[name], name).toBeNull();
    else {
      const difference = Math.abs(observed[name]! - value);
      expect(difference, `${name}: ${observed[name]}`).toBeLessThan(
        1e-9 * Math.max(1, Math.abs(value)),
      );
    }
  }
}

for (const each of classification.cases) {
  test(`classification metrics equal scikit-learn's: ${each.name}`, () => {
    const prepared = prepare({
      task: each.classCount === 2 ? "binary" : "multiclass",
      classCount: each.classCount,
      labels: Float64Array.from(each.labels),
      scores: Float64Array.from(each.scores),
    });
    const measured = measure(prepared, Int32Array.from(each.weights));
    expectMetrics(measured.metrics, each.metrics as Expected);
    expect(measured.confusion_matrix).toEqual(each.confusion);
  });
}

for (const each of regression.cases) {
  test(`regression metrics equal scikit-learn's: ${each.name}`, () => {
    const prepared = prepare({
      task: "regression",
      classCount: 1,
      labels: Float64Array.from(each.labels),
      scores: Float64Array.from(each.scores),
    });
    expectMetrics(measure(prepared, Int32Array.from(each.weights)).metrics, each.metrics);
  });
}

test("a metric that the rows cannot have is null, with the reason", () => {
  const prepared = prepare({
    task: "binary",
    classCount: 2,
    labels: Float64Array.of(0, 0),
    scores: Float64Array.of(0.9, 0.1, 0.8, 0.2),
  });
  const { metrics, not_computed } = measure(prepared, onceEach(2));
  expect(metrics).toMatchObject({ accuracy: 1, roc_auc: null, pr_auc: null, recall: null });
  expect(not_computed).toEqual({
    precision: "no row is predicted positive",
    recall: "no row of the positive class",
    f1: "no row is positive or predicted so",
    roc_auc: "no row of the positive class",
    pr_auc: "no row of the positive class",
  });
});

test("R² of a constant target is null", () => {
  const prepared = prepare({
    task: "regression",
    classCount: 1,
    labels: Float64Array.of(3, 3),
    scores: Float64Array.of(2, 4),
  });
  const { metrics, not_computed } = measure(prepared, onceEach(2));
  expect(metrics).toEqual({ rmse: 1, mae: 1, r2: null });
  expect(not_computed.r2).toBe("the target is the same in every row");
});

test("no rows at all give no metric", () => {
  const none = { labels: new Float64Array(0), scores: new Float64Array(0) };
  for (const task of ["binary", "multiclass", "regression"] as const) {
    const classCount = task === "multiclass" ? 3 : task === "binary" ? 2 : 1;
    const { metrics } = measure(prepare({ task, classCount, ...none }), onceEach(0));
    expect(new Set(Object.values(metrics))).toEqual(new Set([null]));
  }
});

test("a row of weight 2 is the row twice", () => {
  const each = classification.cases[0]!;
  const predictions = {
    task: "binary" as const,
    classCount: 2,
    labels: Float64Array.from(each.labels),
    scores: Float64Array.from(each.scores),
  };
  const weights = Int32Array.from(each.labels, (_, row) => row % 3);
  const rows = [...weights].flatMap((weight, row) => Array<number>(weight).fill(row));
  const repeated = prepare(takePredictions(predictions, rows));
  expectMetrics(
    measure(prepare(predictions), weights).metrics,
    measure(repeated, onceEach(rows.length)).metrics,
  );
});
