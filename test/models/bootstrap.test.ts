import fc from "fast-check";
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

test("ten equal rows a subject widen the interval by the square root of ten, the design effect", () => {
  const prepared = predictionsInRuns(2000, 10);
  const subjects = Int32Array.from({ length: 2000 }, (_, row) => Math.floor(row / 10));
  const byRow = bootstrapIntervals(prepared, options, createRandom(7)).accuracy!;
  const bySubject = bootstrapIntervals(prepared, { ...options, subjects }, createRandom(7));
  const { low, high } = bySubject.accuracy!;
  const ratio = (high - low) / (byRow.high - byRow.low);
  expect(ratio).toBeGreaterThan(0.85 * Math.sqrt(10)); // 400 draws know a width to about a tenth
  expect(ratio).toBeLessThan(1.15 * Math.sqrt(10));
});

/** Labels and scores of a small binary problem. */
const problem = fc
  .array(fc.record({ one: fc.boolean(), score: fc.integer({ min: 0, max: 20 }) }), {
    minLength: 4,
    maxLength: 40,
  })
  .filter((rows) => new Set(rows.map(({ one }) => one)).size === 2);

function prepareRows(rows: readonly Readonly<{ one: boolean; score: number }>[]) {
  const labels = Float64Array.from(rows, ({ one }) => Number(one));
  const scores = Float64Array.from(rows.flatMap(({ score }) => [1 - score / 20, score / 20]));
  return prepare({ task: "binary", classCount: 2, labels, scores });
}

const few = { ...options, samples: 60 };

test("with one row a subject, drawing subjects is drawing rows, bit for bit", () => {
  fc.assert(
    fc.property(problem, (rows) => {
      const subjects = Int32Array.from(rows.keys());
      const bySubject = bootstrapIntervals(
        prepareRows(rows),
        { ...few, subjects },
        createRandom(7),
      );
      expect(bySubject).toEqual(bootstrapIntervals(prepareRows(rows), few, createRandom(7)));
    }),
  );
});

test("repeating every row of every subject narrows no interval", () => {
  fc.assert(
    fc.property(problem, fc.integer({ min: 2, max: 6 }), (rows, times) => {
      const once = bootstrapIntervals(prepareRows(rows), few, createRandom(7));
      const repeated = rows.flatMap((row) => Array(times).fill(row) as typeof rows);
      const subjects = Int32Array.from(repeated.keys(), (row) => Math.floor(row / times));
      const prepared = prepareRows(repeated);
      const again = bootstrapIntervals(prepared, { ...few, subjects }, createRandom(7));
      expect(Object.keys(again)).toEqual(Object.keys(once));
      for (const [name, { low, high }] of Object.entries(once)) {
        expect(again[name as keyof typeof again]!.low, name).toBeCloseTo(low, 12);
        expect(again[name as keyof typeof again]!.high, name).toBeCloseTo(high, 12);
      }
    }),
  );
});

test("no samples and no rows give no intervals", () => {
  const none = { ...options, samples: 0 };
  expect(bootstrapIntervals(predictionsInRuns(50, 1), none, createRandom(7))).toEqual({});
  expect(bootstrapIntervals(predictionsInRuns(0, 1), options, createRandom(7))).toEqual({});
});
