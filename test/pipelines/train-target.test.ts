import { expect, test } from "vitest";
import { type ModelParams, modelParams } from "../../src/models/params.ts";
import { planTarget } from "../../src/pipelines/train-target.ts";
import type { Column } from "../../src/table/columns.ts";

function params(section: object = {}): ModelParams {
  return modelParams.parse({ algorithm: "boosting", ...section });
}

function numbers(...values: number[]): Column {
  return { name: "y", kind: "number", values: Float64Array.from(values) };
}

function words(codes: readonly number[], dictionary: readonly string[]): Column {
  return { name: "y", kind: "text", codes: Int32Array.from(codes), dictionary };
}

const error = (column: Column, type: string, section?: object) => {
  try {
    planTarget(column, type, params(section));
  } catch (thrown) {
    const { code, message } = thrown as { code: string; message: string };
    return { code, message };
  }
  throw new Error("expected an error");
};

test("two values are a binary task whose last value in order is the positive class", () => {
  expect(planTarget(numbers(1, 0, 1), "int64", params())).toEqual({
    ...{ task: "binary", classes: [0, 1], labels: Float64Array.of(1, 0, 1) },
  });
  expect(planTarget(words([1, 0], ["no", "yes"]), "str", params())).toEqual({
    ...{ task: "binary", classes: ["no", "yes"], labels: Float64Array.of(1, 0) },
  });
  expect(planTarget(numbers(1, 0), "bool", params()).classes).toEqual([false, true]);
});

test("model.positive is class 1, also when it is written as text", () => {
  const chosen = planTarget(words([1, 0], ["AD", "healthy"]), "str", params({ positive: "AD" }));
  expect(chosen.classes).toEqual(["healthy", "AD"]);
  expect([...chosen.labels]).toEqual([0, 1]);
  expect(planTarget(numbers(1, 0), "int64", params({ positive: "0" })).classes).toEqual([1, 0]);
});

test("up to 20 different whole numbers are classes; more, and fractions, are a regression", () => {
  const twenty = Array.from({ length: 20 }, (_, i) => i);
  expect(planTarget(numbers(...twenty), "int64", params())).toMatchObject({ task: "multiclass" });
  const plan = planTarget(numbers(...twenty, 77), "int64", params());
  expect(plan).toEqual({ task: "regression", classes: [], labels: Float64Array.of(...twenty, 77) });
  expect(planTarget(numbers(0, 0.5, 1), "float64", params()).task).toBe("regression");
});

test("a dictionary word that no row has is no class", () => {
  expect(planTarget(words([0, 2], ["a", "b", "c"]), "str", params()).classes).toEqual(["a", "c"]);
});

test("a target that cannot be learned is refused with the reason", () => {
  expect(error(numbers(1, 1), "int64")).toEqual({
    code: "TARGET_INVALID",
    message: "target y: expected at least two different values, got only 1",
  });
  expect(error(numbers(Number.NaN, Number.NaN), "float64")).toEqual({
    code: "TARGET_INVALID",
    message: "target y: expected a value in every row, got only missing values of 2",
  });
  expect(error(words([0, -1, 1], ["a", "b"]), "str").message).toBe(
    "target y: expected a value in every row, got 1 missing values of 3",
  );
  expect(error(words([0, 1], ["a", "b"]), "str", { task: "regression" }).message).toBe(
    "target y: expected numbers for a regression, got a column of type str",
  );
  expect(error(numbers(0, 1, 2), "int64", { task: "binary" }).message).toBe(
    "target y: expected two classes for task binary, got 3",
  );
  const many = Array.from({ length: 1001 }, (_, i) => `v${i}`);
  expect(error(words([...many.keys()], many), "str").message).toBe(
    "target y: expected at most 1000 classes, got 1001 different values",
  );
});

test("a positive class that the target does not have is a mistake in params.yaml", () => {
  expect(error(numbers(0, 1), "int64", { positive: "yes" })).toEqual({
    code: "CONFIG_INVALID",
    message: 'params.yaml: model.positive: expected 0 or 1 (a value of y), got "yes"',
  });
});
