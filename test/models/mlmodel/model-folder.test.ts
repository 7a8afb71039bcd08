import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { nodeFiles } from "../../../src/core/files.ts";
import { digestBytes } from "../../../src/core/hash.ts";
import { parseFeatureView } from "../../../src/features/feature-view.ts";
import { toModelFiles } from "../../../src/models/mlmodel/model-folder.ts";
import { openModel } from "../../../src/models/mlmodel/open-model.ts";
import type { Predictor } from "../../../src/models/predictor.ts";
import { toView } from "../onnx/arbitrary-predictor.ts";

const predictor: Predictor = {
  name: "folder",
  view: toView([
    { name: "f0", kind: "numeric", input: "n1", steps: [{ op: "impute", value: 2 }] },
    { name: "f1", kind: "lookup", input: "t1", entries: [["a", 3]], other: 0, missing: 1 },
    { name: "f2", kind: "numeric", input: "n2", steps: [] },
  ]),
  model: {
    ...{
      kind: "linear",
      task: "binary",
      featureNames: ["f1", "f0"],
      classCount: 2,
      outputCount: 1,
    },
    coefficients: Float64Array.of(-0.4, 0.7),
    intercepts: Float64Array.of(0.1),
  },
  classes: [false, true],
};

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "duetmind-model-"));
  for (const [name, bytes] of Object.entries(toModelFiles(predictor, "0.1.0"))) {
    writeFileSync(join(folder, name), bytes);
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a folder opens as the predictor that was written", async () => {
  expect(await openModel(folder, parseFeatureView, nodeFiles)).toEqual(predictor);
});

test("the folder has every file that MLflow writes, the same bytes each time, and no time", () => {
  const files = toModelFiles(predictor, "0.1.0");
  expect(Object.keys(files).sort()).toEqual([
    ...["MLmodel", "checksums.json", "conda.yaml", "feature-view.json", "input_example.json"],
    ...["learner.json", "model.onnx", "python_env.yaml", "requirements.txt"],
    "serving_input_example.json",
  ]);
  expect(toModelFiles(structuredClone(predictor), "0.1.0")).toEqual(files);
  expect(text(files["MLmodel"])).not.toMatch(/time|uuid|run_id|\/tmp/);
});

test("MLmodel names both flavors, CPU only, and a signature of the model's own inputs", () => {
  const mlmodel = parse(text(toModelFiles(predictor, "0.1.0")["MLmodel"]));
  expect(mlmodel.flavors.onnx).toMatchObject({
    ...{ data: "model.onnx", providers: ["CPUExecutionProvider"] },
  });
  expect(mlmodel.flavors.python_function).toMatchObject({
    ...{ data: "model.onnx", loader_module: "mlflow.onnx" },
    env: { conda: "conda.yaml", virtualenv: "python_env.yaml" },
  });
  expect(JSON.parse(mlmodel.signature.inputs)).toEqual([
    { type: "double", name: "n1", required: true },
    { type: "string", name: "t1", required: true },
  ]);
  expect(JSON.parse(mlmodel.signature.outputs)).toEqual([
    { type: "boolean", name: "prediction", required: true },
    { type: "double", name: "probability_false", required: true },
    { type: "double", name: "probability_true", required: true },
  ]);
  expect(mlmodel.model_size_bytes).toBeGreaterThan(1000);
});

test("checksums.json has the SHA-256 of every other file", () => {
  const { "checksums.json": checksums, ...files } = toModelFiles(predictor, "0.1.0");
  const expected = Object.entries(files).map(([name, bytes]) => [name, digestBytes(bytes)]);
  expect(JSON.parse(text(checksums))).toEqual(Object.fromEntries(expected));
});

test("the input example is typical values; a sensitive input stays missing", () => {
  const inputs = predictor.view.inputs.map((input) =>
    input.name === "n1" ? { ...input, example: null } : { ...input, example: "a" },
  );
  const files = toModelFiles({ ...predictor, view: { ...predictor.view, inputs } }, "0.1.0");
  const example = { columns: ["n1", "t1"], data: [[null, "a"]] };
  expect(JSON.parse(text(files["input_example.json"]))).toEqual(example);
  expect(JSON.parse(text(files["serving_input_example.json"]))).toEqual({
    dataframe_split: example,
  });
});

test("a file changed after training is refused", async () => {
  const altered = text(toModelFiles(predictor, "0.1.0")["learner.json"]).replace("0.7", "0.8");
  writeFileSync(join(folder, "learner.json"), altered);
  await expect(openModel(folder, parseFeatureView, nodeFiles)).rejects.toMatchObject({
    code: "CHECKSUM_MISMATCH",
    message: expect.stringMatching(/learner\.json: expected sha256:[0-9a-f]{64}, got sha256:/),
  });
});

test("a learner of another feature view is refused", async () => {
  const view = toView([{ name: "f0", kind: "numeric", input: "n1", steps: [] }]);
  const other = toModelFiles(
    { ...predictor, view, model: { ...predictor.model, featureNames: ["f0"] } },
    "0",
  );
  const mine = toModelFiles(predictor, "0");
  const viewBytes = other["feature-view.json"]!;
  const checksums = JSON.parse(text(mine["checksums.json"])) as Record<string, string>;
  writeFileSync(join(folder, "feature-view.json"), viewBytes);
  writeFileSync(
    join(folder, "checksums.json"),
    JSON.stringify({ ...checksums, "feature-view.json": digestBytes(viewBytes) }),
  );
  await expect(openModel(folder, parseFeatureView, nodeFiles)).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: expect.stringContaining('the unknown feature "f1"'),
  });
});

test("a folder that is no model is refused", async () => {
  rmSync(join(folder, "checksums.json"));
  await expect(openModel(folder, parseFeatureView, nodeFiles)).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
  });
});
