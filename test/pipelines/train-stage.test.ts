import { spawn } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { nodeFiles } from "../../src/core/files.ts";
import { digestFile } from "../../src/core/hash.ts";
import { parseFeatureView } from "../../src/features/feature-view.ts";
import { openModel } from "../../src/models/mlmodel/open-model.ts";
import { checkOnnx } from "../../src/models/onnx/check-onnx.ts";
import { scoreProbabilities } from "../../src/models/score.ts";
import { loadOnnxRuntime, type RuntimeName } from "../../src/onnx/runtime.ts";
import { runFeatures } from "../../src/pipelines/features-stage.ts";
import { parseParams } from "../../src/pipelines/params.ts";
import { runPredict } from "../../src/pipelines/predict-file.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { readTrainData, rowsOfSplits } from "../../src/pipelines/train-data.ts";
import { trainRecord } from "../../src/pipelines/train-record.ts";
import { runTrain, type TrainResult } from "../../src/pipelines/train-stage.ts";
import { openEngine } from "../../src/table/engine.ts";
import { writeParquet } from "../../src/table/parquet-write.ts";
import { lit, sql } from "../../src/table/sql.ts";
import { makeProject, VISIT_FEATURES, visits } from "./features-project.ts";

const MODEL = { name: "m", slices: ["site"], hyperparameters: { rounds: 30 } };

let project: Project;
let result: TrainResult;
beforeAll(async () => {
  project = await makeProject({ features: VISIT_FEATURES, model: MODEL }, { visits: visits(1500) });
  await runFeatures(project, realEffects);
  result = await runTrain(project, realEffects);
}, 120_000);
afterAll(() => rmSync(project.root, { recursive: true }));

/** The same project with other settings of the model; features stay. */
function withModel(settings: object, thresholds: object = {}): Project {
  const { sources, features } = project.params;
  return {
    ...project,
    params: parseParams({ sources, features, model: { ...MODEL, ...settings }, thresholds }),
  };
}

const inProject = (path: string) => join(project.root, path);

test("the record names every file with its digest, and follows its schema", () => {
  const text = readFileSync(inProject(result.recordPath), "utf8");
  const record = trainRecord.parse(JSON.parse(text));
  expect(record).toEqual(result.record);
  for (const { path, sha256, size_bytes } of [...record.artifacts, ...record.inputs]) {
    expect(digestFile(inProject(path))).toEqual({ digest: sha256, sizeBytes: size_bytes });
  }
  const written = readdirSync(inProject("models/m"), {
    recursive: true,
    withFileTypes: true,
  }).filter((entry) => entry.isFile() && entry.name !== "train.record.json");
  expect(record.artifacts).toHaveLength(written.length);
  expect(text).not.toContain(project.root);
  expect(record.rows.train + record.rows.validation + record.rows.test).toBe(1500);
  expect(record.history).toHaveLength(record.training.steps);
});

test("metrics.json has both splits with intervals, baseline, slices and the confusion matrix", () => {
  const metrics = JSON.parse(readFileSync(inProject("models/m/metrics.json"), "utf8"));
  expect(metrics.classes).toEqual(["no", "yes"]);
  const { accuracy } = metrics.test.metrics;
  expect(accuracy.lower).toBeLessThanOrEqual(accuracy.value);
  expect(accuracy.upper).toBeGreaterThanOrEqual(accuracy.value);
  expect(accuracy.baseline).toBeLessThan(accuracy.value);
  const cells = metrics.test.confusion_matrix.flat() as number[];
  expect(cells.reduce((a, b) => a + b)).toBe(result.record.rows.test);
  const slices = metrics.test.slices as { value: string | null; row_count: number }[];
  expect(slices.map((slice) => slice.value)).toEqual(["Basel", "Lyon", "Oslo", null]);
  expect(slices.reduce((sum, slice) => sum + slice.row_count, 0)).toBe(result.record.rows.test);
  expect(result.record.metrics.test["accuracy"]).toBe(accuracy.value);
});

test.each<RuntimeName>(["onnxruntime-web", "onnxruntime-node"])(
  "%s scores the whole test split from raw inputs as we do",
  async (name) => {
    const engine = await openEngine();
    try {
      const data = await readTrainData(project, engine, realEffects);
      const folder = inProject("models/m/model");
      const predictor = await openModel(folder, parseFeatureView, nodeFiles);
      const expected = scoreProbabilities(predictor.model, await data.readMatrix("test"));
      const bytes = readFileSync(join(folder, "model.onnx"));
      const runtime = await loadOnnxRuntime(name);
      const check = await checkOnnx(bytes, predictor, data.testInputs, expected, runtime);
      expect(check.rows).toBe(rowsOfSplits(data.splits).test.length);
      expect(check.maxDifference).toBeLessThanOrEqual(1e-6);
    } finally {
      engine.close();
    }
  },
);

test("predict on the raw file gives each test row what training measured", async () => {
  const predictor = await openModel(inProject("models/m/model"), parseFeatureView, nodeFiles);
  const output = inProject("predictions.parquet");
  const source = { path: inProject("data/raw/visits.parquet") };
  await runPredict({ predictor, source, output, keep: ["patient_id", "visit_date"] }, realEffects);
  const engine = await openEngine();
  try {
    const data = await readTrainData(project, engine, realEffects);
    const expected = scoreProbabilities(predictor.model, await data.readMatrix("test"));
    // features are in the order of the key, the file in its own: both hold the same scores
    const rows = await engine.rows(sql`SELECT probability_yes FROM read_parquet(${lit(output)})`);
    const scores = new Set(rows.map((row) => row["probability_yes"]));
    expect(rows).toHaveLength(1500);
    for (let row = 0; row < result.record.rows.test; row++) {
      expect(scores).toContain(expected[row * 2 + 1]);
    }
  } finally {
    engine.close();
  }
});

test("a second training, in another folder, gives the same bytes of every file", async () => {
  const other = await makeProject({ features: VISIT_FEATURES, model: MODEL }, {});
  cpSync(inProject("data"), join(other.root, "data"), { recursive: true });
  await runTrain({ ...other, params: project.params }, realEffects);
  const files = readdirSync(inProject("models/m"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(project.root.length));
  expect(files.length).toBeGreaterThan(20);
  for (const path of files) {
    expect(digestFile(join(other.root, path)), path).toEqual(digestFile(inProject(path)));
  }
  rmSync(other.root, { recursive: true });
});

test("a model below its thresholds is rejected with the reasons", async () => {
  const strict = withModel({ name: "strict" }, { accuracy: 0.999, roc_auc: null });
  const { decision, record } = await runTrain(strict, realEffects);
  expect(decision.status).toBe("rejected");
  expect(record.decision.reasons).toEqual([
    expect.stringMatching(/^accuracy: expected at least 0\.999, got 0\.\d+$/),
  ]);
});

test("logistic regression goes the same way", async () => {
  const linear = withModel({ name: "linear", algorithm: "logistic", hyperparameters: {} });
  const { record, onnx } = await runTrain(linear, realEffects);
  expect(record).toMatchObject({ algorithm: "logistic", training: { converged: true } });
  expect(record.metrics.test["roc_auc"]).toBeGreaterThan(0.9);
  expect(onnx.maxDifference).toBeLessThan(1e-12);
});

test.each([
  ["site", "multiclass", ["Basel", "Lyon", "Oslo"]],
  ["volume", "regression", null],
])("a target %s is %s", async (target, task, classes) => {
  const features = { view: "visits", subject: "patient_id", target };
  const other = await makeProject({ features, model: MODEL }, { visits: visits(600) });
  await runFeatures(other, realEffects);
  const { record, metrics } = await runTrain(other, realEffects);
  expect(record).toMatchObject({ task, target: { column: target, classes } });
  expect(record.onnx_check.rows).toBe(record.rows.test);
  expect(metrics.test.confusion_matrix === null).toBe(task === "regression");
  rmSync(other.root, { recursive: true });
});

test("a kill in the middle of training leaves the model that was there", async () => {
  const before = digestFile(inProject(result.recordPath));
  const script = inProject("train.mjs");
  const source = (path: string) =>
    JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
  writeFileSync(
    script,
    `import { realEffects } from ${source("core/effects.ts")};
     import { runTrain } from ${source("pipelines/train-stage.ts")};
     const progress = {
       note: () => {},
       start: () => ({ advance: () => process.send("round"), done: () => {} }),
     };
     const project = ${JSON.stringify({ ...withModel({ seed: 7 }), origins: undefined })};
     await runTrain(project, { ...realEffects, progress });`,
  );
  const child = spawn(process.execPath, ["--import", "tsx", script], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    cwd: join(import.meta.dirname, "../.."),
  });
  await new Promise((resolve) => child.once("message", resolve));
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("exit", resolve));
  expect(digestFile(inProject(result.recordPath))).toEqual(before);
});

test("a disk that is full while the model is written leaves the model that was there", async () => {
  const before = digestFile(inProject(result.recordPath));
  const full = {
    ...nodeFiles,
    publish: () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" })),
  };
  await expect(
    runTrain(withModel({ seed: 7 }), { ...realEffects, files: full }),
  ).rejects.toMatchObject({ code: "ENOSPC" });
  expect(digestFile(inProject(result.recordPath))).toEqual(before);
  expect(existsSync(inProject("models/.m.old"))).toBe(false);
});

test("Ctrl-C stops with INTERRUPTED", async () => {
  const effects = { ...realEffects, signal: AbortSignal.abort() };
  await expect(runTrain(project, effects)).rejects.toMatchObject({ code: "INTERRUPTED" });
});

test("without the features stage the error names the command that makes its files", async () => {
  const bare = await makeProject({ features: VISIT_FEATURES, model: MODEL }, {});
  await expect(runTrain(bare, realEffects)).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
    message:
      "data/processed/features.parquet: expected the output of the features stage, got no file",
    details: { hint: "run: duetmind features" },
  });
  rmSync(bare.root, { recursive: true });
});

test("a target of one class is refused", async () => {
  const other = await makeProject({ features: VISIT_FEATURES, model: MODEL }, {});
  cpSync(inProject("data"), join(other.root, "data"), { recursive: true });
  const engine = await openEngine();
  const labels = join(other.root, "data/processed/labels.parquet");
  const query = sql`SELECT row_id, 'yes' AS diagnosis FROM read_parquet(${lit(inProject("data/processed/labels.parquet"))}) ORDER BY row_id`;
  await writeParquet(engine, query, labels);
  engine.close();
  await expect(runTrain({ ...project, root: other.root }, realEffects)).rejects.toMatchObject({
    code: "TARGET_INVALID",
    message: 'target diagnosis: expected at least two different values, got only "yes"',
  });
  rmSync(other.root, { recursive: true });
});
