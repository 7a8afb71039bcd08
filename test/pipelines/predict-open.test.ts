import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { toModelFiles } from "../../src/models/mlmodel/model-folder.ts";
import type { Predictor } from "../../src/models/predictor.ts";
import { openPredictor } from "../../src/pipelines/predict-open.ts";
import { toView } from "../models/onnx/arbitrary-predictor.ts";

test("a model folder is opened by its path, without a project", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "duetmind-open-"));
  const predictor: Predictor = {
    ...{ name: "m", classes: ["no", "yes"] },
    view: toView([{ name: "f0", kind: "numeric", input: "n1", steps: [] }]),
    model: {
      ...{ kind: "linear", task: "binary", featureNames: ["f0"], classCount: 2, outputCount: 1 },
      ...{ coefficients: Float64Array.of(1), intercepts: Float64Array.of(0) },
    },
  };
  mkdirSync(join(cwd, "a/model"), { recursive: true });
  for (const [name, bytes] of Object.entries(toModelFiles(predictor, "0"))) {
    writeFileSync(join(cwd, "a/model", name), bytes);
  }
  const opened = await openPredictor("a/model", cwd, {}, realEffects);
  expect(opened.predictor).toEqual(predictor);
  await expect(openPredictor("b/model", cwd, {}, realEffects)).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
    message: "b/model: expected a model folder with an MLmodel file, got none",
  });
  rmSync(cwd, { recursive: true });
});
