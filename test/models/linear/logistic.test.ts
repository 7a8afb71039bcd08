import { expect, test } from "vitest";
import { createRandom } from "../../../src/core/random.ts";
import type { FitInput } from "../../../src/models/learner.ts";
import { logistic } from "../../../src/models/linear/logistic.ts";
import type { LogisticParams } from "../../../src/models/linear/logistic-params.ts";
import { toMatrix } from "../../../src/models/matrix.ts";
import { scoreProbabilities } from "../../../src/models/score.ts";
import type { LinearModel } from "../../../src/models/trained-model.ts";
import truth from "../../interop/scikit-learn-1.9.1/logistic-regression.json" with { type: "json" };

const hyperparameters: LogisticParams = { l2: 1, max_iterations: 100, tolerance: 1e-10 };

function inputOf(
  columns: readonly (readonly number[])[],
  labels: readonly number[],
  classCount = 2,
  names = columns.map((_, i) => `x${i}`),
): FitInput<LogisticParams> {
  return {
    train: { matrix: toMatrix(names, columns), labels: Float64Array.from(labels) },
    validation: null,
    task: classCount === 2 ? "binary" : "multiclass",
    classCount,
    hyperparameters,
    random: createRandom(1),
  };
}

for (const each of truth.cases) {
  test(`coefficients equal scikit-learn's: ${each.name}`, async () => {
    const input = inputOf(each.columns, each.labels, each.classCount);
    const fit = await logistic.fit({
      ...input,
      hyperparameters: { ...hyperparameters, l2: each.l2 },
    });
    const model = fit.model as LinearModel;
    expect(fit.converged).toBe(true);
    const close = (value: number) => expect.closeTo(value, 6);
    expect(Array.from(model.coefficients)).toEqual(each.coefficients.flat().map(close));
    expect(Array.from(model.intercepts)).toEqual(each.intercepts.map(close));
    const probabilities = scoreProbabilities(model, input.train.matrix);
    const expected = each.probabilities.flat();
    expect(Array.from(probabilities.subarray(0, expected.length))).toEqual(expected.map(close));
  });
}

test("the order of columns changes nothing, to the last bit", async () => {
  const each = truth.cases[3]!;
  const order = [2, 0, 3, 1];
  const straight = await logistic.fit(inputOf(each.columns, each.labels, each.classCount));
  const turned = await logistic.fit(
    inputOf(
      order.map((i) => each.columns[i]!),
      each.labels,
      each.classCount,
      order.map((i) => `x${i}`),
    ),
  );
  const { coefficients } = straight.model as LinearModel;
  const expected = Float64Array.from(
    coefficients,
    (_, i) => coefficients[Math.floor(i / 4) * 4 + order[i % 4]!]!,
  );
  expect((turned.model as LinearModel).coefficients).toEqual(expected);
});

test("each iteration is reported with training and validation loss, falling", async () => {
  const each = truth.cases[0]!;
  const input = inputOf(each.columns, each.labels);
  const steps: number[] = [];
  const fit = await logistic.fit({
    ...input,
    validation: input.train,
    onRound: (step) => steps.push(step.step),
  });
  expect(steps).toEqual(fit.history.map((step) => step.step));
  expect(fit.bestStep).toBe(steps.length);
  for (const step of fit.history) expect(step.validationLoss).toBe(step.trainLoss);
  const losses = fit.history.map((step) => step.trainLoss);
  expect(losses[0]).toBeLessThan(Math.log(2));
  expect(losses.at(-1)).toBeLessThan(losses[0]!);
});

test("constant and repeated columns without a penalty do not stop it", async () => {
  const x = [1, 2, 3, 4, 5, 6];
  const input = inputOf([x, x, x.map(() => 7)], [0, 1, 0, 1, 0, 1]);
  const fit = await logistic.fit({ ...input, hyperparameters: { ...hyperparameters, l2: 0 } });
  const { coefficients } = fit.model as LinearModel;
  expect(fit.converged).toBe(true);
  expect(coefficients.every(Number.isFinite)).toBe(true);
  expect(coefficients[1]).toBe(0);
});

test("separable rows without a penalty end at the limit and say so", async () => {
  const input = inputOf([[1, 2, 3, 4]], [0, 0, 1, 1]);
  const fit = await logistic.fit({
    ...input,
    hyperparameters: { ...hyperparameters, l2: 0, max_iterations: 5 },
  });
  expect(fit.converged).toBe(false);
  expect(fit.history.length).toBe(5);
});

test("a missing value and a regression target are refused with what to do", async () => {
  await expect(logistic.fit(inputOf([[1, Number.NaN]], [0, 1]))).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: 'model: feature "x0": expected a number in every row, got a missing value in row 1',
  });
  const regression = { ...inputOf([[1, 2]], [0, 1]), task: "regression" as const };
  await expect(logistic.fit(regression)).rejects.toMatchObject({
    code: "TARGET_INVALID",
    message: "model: algorithm: expected boosting for a regression target, got logistic",
  });
});

test("an aborted signal ends training", async () => {
  const signal = AbortSignal.abort();
  await expect(logistic.fit({ ...inputOf([[1, 2]], [0, 1]), signal })).rejects.toMatchObject({
    code: "INTERRUPTED",
  });
});
