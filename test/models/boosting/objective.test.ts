import { expect, test } from "vitest";
import { objectiveOf } from "../../../src/models/boosting/objective.ts";
import type { Task } from "../../../src/models/learner.ts";

const labels = Float64Array.of(0, 1, 1, 0, 1);

function evaluateAt(task: Task, classCount: number, raw: readonly Float64Array[]) {
  const objective = objectiveOf(task, classCount);
  const arrays = () => raw.map(() => new Float32Array(labels.length));
  const derivatives = { gradients: arrays(), hessians: arrays() };
  const loss = objective.evaluate(raw, labels, derivatives);
  return { objective, derivatives, loss };
}

for (const [task, classCount, outputs] of [
  ["binary", 2, 1],
  ["multiclass", 3, 3],
] as const) {
  test(`${task}: derivatives are those of the loss`, () => {
    const raw = Array.from({ length: outputs }, (_, k) =>
      Float64Array.of(0.3 - k, -2 + k, 1.5, 0, -0.7 * k),
    );
    const { objective, derivatives } = evaluateAt(task, classCount, raw);
    const nudge = 1e-4;
    for (let k = 0; k < outputs; k++) {
      for (let row = 0; row < labels.length; row++) {
        const at = (by: number) => {
          const moved = raw.map((scores) => scores.slice());
          moved[k]![row] = moved[k]![row]! + by;
          return objective.evaluate(moved, labels, null) * labels.length;
        };
        const slope = (at(nudge) - at(-nudge)) / (2 * nudge);
        const bend = (at(nudge) - 2 * at(0) + at(-nudge)) / nudge ** 2;
        expect(derivatives.gradients[k]![row]).toBeCloseTo(slope, 5);
        expect(derivatives.hessians[k]![row]).toBeCloseTo(bend, 4);
      }
    }
  });

  test(`${task}: the base is the best constant`, () => {
    const { objective } = evaluateAt(task, 2, [new Float64Array(5), new Float64Array(5)]);
    const base = objective.base(labels);
    const lossAt = (shift: number) =>
      objective.evaluate(
        Array.from(base, (b, k) => new Float64Array(5).fill(k === 0 ? b + shift : b)),
        labels,
        null,
      );
    expect(lossAt(0)).toBeLessThan(lossAt(0.01));
    expect(lossAt(0)).toBeLessThan(lossAt(-0.01));
  });
}

test("extreme scores have a finite loss and no zero hessian", () => {
  for (const task of ["binary", "multiclass"] as const) {
    const raw = [
      Float64Array.of(900, -900, 900, -900, 0),
      new Float64Array(5),
      new Float64Array(5),
    ];
    const { loss, derivatives } = evaluateAt(task, 3, task === "binary" ? raw.slice(0, 1) : raw);
    expect(Number.isFinite(loss)).toBe(true);
    for (const hessian of derivatives.hessians) {
      expect(hessian.every((h) => h > 0)).toBe(true);
    }
  }
});

test("many rows share a logarithm without overflow", () => {
  const many = new Float64Array(5000);
  const raw = [new Float64Array(5000)];
  expect(objectiveOf("binary", 2).evaluate(raw, many, null)).toBeCloseTo(Math.LN2, 12);
  const three = [...raw, ...raw, ...raw];
  expect(objectiveOf("multiclass", 3).evaluate(three, many, null)).toBeCloseTo(Math.log(3), 12);
});

test("regression: mean squared error and its residuals", () => {
  const { loss, derivatives } = evaluateAt("regression", 1, [Float64Array.of(1, 1, 1, 2, 1)]);
  expect(loss).toBe(1);
  expect([...derivatives.gradients[0]!]).toEqual([1, 0, 0, 2, 0]);
  expect([...derivatives.hessians[0]!]).toEqual([1, 1, 1, 1, 1]);
});
