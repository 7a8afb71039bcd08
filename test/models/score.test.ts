import fc from "fast-check";
import { expect, test } from "vitest";
import { toMatrix } from "../../src/models/matrix.ts";
import { scoreProbabilities, scoreRaw } from "../../src/models/score.ts";
import type { LinearModel, TreeEnsemble } from "../../src/models/trained-model.ts";

/** One tree: x <= 1.5 ? (missing left) 10 : y <= -2 ? 20 : 30. */
const model: TreeEnsemble = {
  kind: "trees",
  task: "regression",
  featureNames: ["x", "y"],
  classCount: 1,
  outputCount: 1,
  treeStarts: Int32Array.of(0, 5),
  feature: Int32Array.of(0, -1, 1, -1, -1),
  threshold: Float32Array.of(1.5, 0, -2, 0, 0),
  missingLeft: Uint8Array.of(1, 0, 0, 0, 0),
  left: Int32Array.of(1, 0, 3, 0, 0),
  right: Int32Array.of(2, 0, 4, 0, 0),
  value: Float32Array.of(0, 10, 0, 20, 30),
};

test("a value at the threshold goes left, a missing one as the node says", () => {
  const x = [1.5, 1.6, 1.6, Number.NaN, 9, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const y = [0, -2, -1.9, 0, Number.NaN, -3, 0];
  expect([...scoreRaw(model, toMatrix(["x", "y"], [x, y]))]).toEqual([10, 20, 30, 10, 30, 20, 10]);
});

test("columns are found by name", () => {
  const matrix = toMatrix(["y", "other", "x"], [[-2], [0], [1.6]]);
  expect([...scoreRaw(model, matrix)]).toEqual([20]);
  expect(() => scoreRaw(model, toMatrix(["x"], [[1]]))).toThrow(
    'score: expected the column "y", got x',
  );
});

test("sums are float32 in tree order", () => {
  const leaf = (value: number) => ({ value, fround: Math.fround(value) });
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 }), (v) => {
      const leaves = v.map(leaf);
      const zeros = () => new Int32Array(v.length);
      const flat: TreeEnsemble = {
        ...model,
        treeStarts: Int32Array.from({ length: v.length + 1 }, (_, i) => i),
        feature: zeros().fill(-1),
        threshold: new Float32Array(v.length),
        missingLeft: new Uint8Array(v.length),
        left: zeros(),
        right: zeros(),
        value: Float32Array.from(v),
      };
      const sum = leaves.reduce((total, each) => Math.fround(total + each.fround), 0);
      expect(scoreRaw(flat, toMatrix(["x", "y"], [[0], [0]]))[0]).toBe(sum);
    }),
  );
});

test("no rows give no scores", () => {
  expect(scoreProbabilities(model, toMatrix(["x", "y"], [[], []]))).toEqual(new Float64Array(0));
});

const linear: LinearModel = {
  kind: "linear",
  task: "binary",
  featureNames: ["x", "y"],
  classCount: 2,
  outputCount: 1,
  coefficients: Float64Array.of(2, -1),
  intercepts: Float64Array.of(0.5),
};

test("a linear model gives the sigmoid or softmax of its sums", () => {
  const matrix = toMatrix(["x", "y"], [[1], [0.5]]);
  const [no, yes] = scoreProbabilities(linear, matrix);
  expect(yes).toBeCloseTo(1 / (1 + Math.exp(-2)), 14);
  expect(no! + yes!).toBe(1);
  const softmax: LinearModel = {
    ...linear,
    task: "multiclass",
    classCount: 3,
    outputCount: 3,
    coefficients: Float64Array.of(2, -1, 0, 0, 1000, 0),
    intercepts: Float64Array.of(0.5, 0, 0),
  };
  expect([...scoreProbabilities(softmax, matrix)]).toEqual([0, 0, 1]);
});

test("a missing value makes a linear score NaN, not a guess", () => {
  expect(scoreRaw(linear, toMatrix(["x", "y"], [[Number.NaN], [1]]))[0]).toBeNaN();
});
