import { expect, test } from "vitest";
import { createRandom } from "../../src/core/random.ts";
import { bootstrapIntervals } from "../../src/models/bootstrap.ts";
import { prepare } from "../../src/models/metrics/predictions.ts";

/** Rows in runs of `run` alike ones, predicted right with probability 0.8. */
function predictionsInRuns(rows: number, run: number) {
  const random = createRandom("runs");
  const labels = new Float64Array(rows);
  const scores = new Float64Array(rows * 2);
  for (let row = 0; row < rows; row++) {
    const alike = row % run !== 0;
    labels[row] = alike ? labels[row - 1]! : random.integer(2);
    const right = alike
      ? (scores[row * 2 - 1]! > 0.5 ? 1 : 0) === labels[row]
      : random.uniform() < 0.8;
    const one = (labels[row] === 1) === right ? 0.9 : 0.1;
    scores[row * 2] = 1 - one;
    scores[row * 2 + 1] = one;
  }
  return prepare({ task: "binary", classCount: 2, labels, scores });
}

const options = { samples: 400, confidence: 0.95, subjects: null };

test("the interval of an accuracy has the width of the binomial distribution", () => {
  const intervals = bootstrapIntervals(predictionsInRuns(2000, 1), options, createRandom(7));
  const { low, high } = intervals.accuracy!;
  expect((high - low) / 2).toBeCloseTo(1.96 * Math.sqrt((0.8 * 0.2) / 2000), 2);
});

test("the same seed draws the same intervals, another seed others", () => {
  const prepared = predictionsInRuns(100, 1);
  const first = bootstrapIntervals(prepared, options, createRandom(7));
  expect(bootstrapIntervals(prepared, options, createRandom(7))).toEqual(first);
  expect(bootstrapIntervals(prepared, options, createRandom(8))).not.toEqual(first);
});

test("rows of one subject are drawn together, which widens the interval", () => {
  const prepared = predictionsInRuns(2000, 10);
  const subjects = Int32Array.from({ length: 2000 }, (_, row) => Math.floor(row / 10));
  const byRow = bootstrapIntervals(prepared, options, createRandom(7)).accuracy!;
  const bySubject = bootstrapIntervals(prepared, { ...options, subjects }, createRandom(7));
  const { low, high } = bySubject.accuracy!;
  expect((high - low) / (byRow.high - byRow.low)).toBeGreaterThan(2);
});

test("no samples and no rows give no intervals", () => {
  const none = { ...options, samples: 0 };
  expect(bootstrapIntervals(predictionsInRuns(50, 1), none, createRandom(7))).toEqual({});
  expect(bootstrapIntervals(predictionsInRuns(0, 1), options, createRandom(7))).toEqual({});
});
