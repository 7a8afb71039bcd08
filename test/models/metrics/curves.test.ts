import { expect, test } from "vitest";
import { curvesOf } from "../../../src/models/metrics/curves.ts";
import classification from "../../interop/scikit-learn-1.9.1/classification.json" with {
  type: "json",
};

const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12));

for (const each of classification.cases) {
  if (!("curves" in each) || each.curves === undefined) continue;
  const { curves } = each;
  test(`curves equal scikit-learn's: ${each.name}`, () => {
    const [curve] = curvesOf({
      task: "binary",
      classCount: 2,
      labels: Float64Array.from(each.labels),
      scores: Float64Array.from(each.scores),
    });
    expect(curve!.roc.map((point) => point.fpr)).toEqual(close(curves.fpr));
    expect(curve!.roc.map((point) => point.tpr)).toEqual(close(curves.tpr));
    expect(curve!.precision_recall.map((point) => point.precision)).toEqual(
      close(curves.precision),
    );
    expect(curve!.precision_recall.map((point) => point.recall)).toEqual(close(curves.recall));
    expect(curve!.calibration.map((bin) => bin.observed)).toEqual(close(curves.observed));
    expect(curve!.calibration.map((bin) => bin.predicted)).toEqual(close(curves.predicted));
  });
}

test("a long curve is thinned and keeps both ends", () => {
  const labels = Float64Array.from({ length: 5000 }, (_, row) => row % 2);
  const scores = Float64Array.from({ length: 10_000 }, (_, i) =>
    i % 2 === 1 ? (i + 1) / 10_001 : 1 - (i + 2) / 10_001,
  );
  const [curve] = curvesOf({ task: "binary", classCount: 2, labels, scores });
  expect(curve!.roc.length).toBe(501);
  expect(curve!.roc[0]).toMatchObject({ fpr: 0, tpr: 0 });
  expect(curve!.roc.at(-1)).toMatchObject({ fpr: 1, tpr: 1 });
  expect(curve!.calibration.reduce((sum, bin) => sum + bin.row_count, 0)).toBe(5000);
});

test("one class has no curve; several classes have one each", () => {
  const one = { task: "binary", classCount: 2, labels: Float64Array.of(1, 1) } as const;
  expect(curvesOf({ ...one, scores: Float64Array.of(0.4, 0.6, 0.1, 0.9) })).toEqual([]);
  const labels = Float64Array.of(0, 1, 2);
  const scores = Float64Array.of(0.6, 0.3, 0.1, 0.2, 0.5, 0.3, 0.1, 0.1, 0.8);
  const curves = curvesOf({ task: "multiclass", classCount: 3, labels, scores });
  expect(curves.map((curve) => curve.positive)).toEqual([0, 1, 2]);
});
