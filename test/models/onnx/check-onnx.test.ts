import { expect, test } from "vitest";
import { checkOnnx } from "../../../src/models/onnx/check-onnx.ts";
import { toOnnx } from "../../../src/models/onnx/to-onnx.ts";
import type { Predictor } from "../../../src/models/predictor.ts";
import { loadOnnxRuntime } from "../../../src/onnx/runtime.ts";
import type { Columns } from "../../../src/table/columns.ts";
import { toView } from "./arbitrary-predictor.ts";
import { featuresOf, scoreOf } from "./reference-scorer.ts";

const predictor: Predictor = {
  name: "checked",
  view: toView([
    { name: "f0", kind: "numeric", input: "n1", steps: [{ op: "impute", value: 2 }] },
    { name: "f1", kind: "lookup", input: "t1", entries: [["a", 3]], other: 0, missing: 1 },
  ]),
  model: {
    ...{
      kind: "linear",
      task: "binary",
      featureNames: ["f0", "f1"],
      classCount: 2,
      outputCount: 1,
    },
    coefficients: Float64Array.of(0.7, -0.4),
    intercepts: Float64Array.of(0.1),
  },
  classes: ["no", "yes"],
};

const n1 = [Number.NaN, 1, -3];
const t1 = ["a", "", "other"];
const inputs: Columns = {
  rowCount: 3,
  columns: [
    { name: "n1", kind: "number", values: Float64Array.from(n1) },
    { name: "t1", kind: "text", codes: Int32Array.of(0, -1, 1), dictionary: ["a", "other"] },
  ],
};

const scores = Float64Array.from(
  n1.flatMap((n, i) =>
    scoreOf(predictor.model, featuresOf(predictor.view, ["f0", "f1"], { n1: n, t1: t1[i]! })),
  ),
);

test("a model that scores alike passes with its largest difference", async () => {
  const runtime = await loadOnnxRuntime("onnxruntime-web");
  const check = await checkOnnx(toOnnx(predictor, "0"), predictor, inputs, scores, runtime);
  expect(check).toMatchObject({ runtime: "onnxruntime-web", rows: 3 });
  expect(check.maxDifference).toBeLessThan(1e-12);
});

test("a model that scores otherwise fails the stage", async () => {
  const runtime = await loadOnnxRuntime("onnxruntime-web");
  const wrong = scores.with(3, scores[3]! + 2e-6);
  await expect(
    checkOnnx(toOnnx(predictor, "0"), predictor, inputs, wrong, runtime),
  ).rejects.toMatchObject({
    code: "STAGE_FAILED",
    message: expect.stringMatching(
      /^model\.onnx: expected onnxruntime-web to score .*got a difference of 0\.00000/,
    ),
  });
});

test("a score that is not a number is a difference", async () => {
  const runtime = await loadOnnxRuntime("onnxruntime-web");
  const wrong = scores.with(0, Number.NaN);
  await expect(
    checkOnnx(toOnnx(predictor, "0"), predictor, inputs, wrong, runtime),
  ).rejects.toMatchObject({ code: "STAGE_FAILED" });
});

test("an input column of nulls alone, which reads as text, is missing numbers", async () => {
  const runtime = await loadOnnxRuntime("onnxruntime-web");
  const empty: Columns = {
    rowCount: 1,
    columns: [
      { name: "n1", kind: "text", codes: Int32Array.of(-1), dictionary: [] },
      { name: "t1", kind: "number", values: Float64Array.of(Number.NaN) },
    ],
  };
  const features = featuresOf(predictor.view, ["f0", "f1"], { n1: Number.NaN, t1: "" });
  const expected = Float64Array.from(scoreOf(predictor.model, features));
  const check = await checkOnnx(toOnnx(predictor, "0"), predictor, empty, expected, runtime);
  expect(check.rows).toBe(1);
});
