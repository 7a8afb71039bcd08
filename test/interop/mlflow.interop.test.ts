import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { parseFeatureView } from "../../src/features/feature-view.ts";
import { environmentFiles } from "../../src/models/mlmodel/environment-files.ts";
import { openModel } from "../../src/models/mlmodel/open-model.ts";
import { scoreProbabilities } from "../../src/models/score.ts";
import { runFeatures } from "../../src/pipelines/features-stage.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { readTrainData } from "../../src/pipelines/train-data.ts";
import { runTrain } from "../../src/pipelines/train-stage.ts";
import { openEngine } from "../../src/table/engine.ts";
import { makeProject, VISIT_FEATURES, visits } from "../pipelines/features-project.ts";
import { type PythonEnvironment, pythonEnvironment } from "./python-environment.ts";

const REQUIREMENTS = join(import.meta.dirname, "mlflow", "requirements.txt");

let python: PythonEnvironment;
let boosting: Project;
let regression: Project;
beforeAll(async () => {
  python = await pythonEnvironment("mlflow");
  boosting = await trained({ features: VISIT_FEATURES, model: { name: "m" } });
  const features = { subject: "patient_id", target: "volume" };
  regression = await trained({ features, model: { name: "m", hyperparameters: { rounds: 20 } } });
});
afterAll(() => {
  for (const { root } of [boosting, regression]) rmSync(root, { recursive: true });
});

async function trained(params: Record<string, unknown>): Promise<Project> {
  const project = await makeProject(params, { visits: visits(900) });
  await runFeatures(project, realEffects);
  await runTrain(project, realEffects);
  return project;
}

type Loaded = Readonly<{
  versions: Readonly<{ mlflow: string }>;
  input_example: unknown[][];
  example_prediction: unknown[][];
  columns: string[];
  data: unknown[][];
}>;

/** Scores the raw inputs of the test split with MLflow and with our own scorer. */
async function scoreBoth(project: Project): Promise<{ theirs: Loaded; ours: Float64Array }> {
  const folder = join(project.root, "models/m/model");
  const engine = await openEngine();
  try {
    const data = await readTrainData(project, engine, realEffects);
    const { model } = await openModel(folder, parseFeatureView, realEffects.files);
    const { columns, rowCount } = data.testInputs;
    const rows = Array.from({ length: rowCount }, (_, row) =>
      columns.map((column) => {
        if (column.kind === "text") return column.dictionary[column.codes[row]!] ?? "";
        return Number.isNaN(column.values[row]) ? null : column.values[row];
      }),
    );
    const table = join(project.root, "table.json");
    writeFileSync(table, JSON.stringify({ columns: columns.map(({ name }) => name), data: rows }));
    const script = join(import.meta.dirname, "mlflow", "load_model.py");
    const stdout = python.run([script, folder, table]);
    const ours = scoreProbabilities(model, await data.readMatrix("test"));
    return { theirs: JSON.parse(stdout), ours };
  } finally {
    engine.close();
  }
}

test("mlflow.pyfunc and mlflow.onnx load the folder and score as we do, to 1e-6", async () => {
  const { theirs, ours } = await scoreBoth(boosting);
  expect(theirs.versions.mlflow).toBe("3.17.2");
  expect(theirs.columns).toEqual(["prediction", "probability_no", "probability_yes"]);
  expect(theirs.data.length * 2).toBe(ours.length);
  for (const [row, [prediction, no, yes]] of theirs.data.entries()) {
    expect(Math.abs(Number(no) - ours[row * 2]!)).toBeLessThanOrEqual(1e-6);
    expect(Math.abs(Number(yes) - ours[row * 2 + 1]!)).toBeLessThanOrEqual(1e-6);
    expect(prediction).toBe(ours[row * 2 + 1]! > ours[row * 2]! ? "yes" : "no");
  }
});

test("the input example is read and scored", async () => {
  const { theirs } = await scoreBoth(boosting);
  const example = JSON.parse(
    readFileSync(join(boosting.root, "models/m/model/input_example.json"), "utf8"),
  );
  expect(theirs.input_example).toEqual(example.data);
  expect(theirs.example_prediction[0]![0]).toMatch(/^(yes|no)$/);
});

test("a regression gives one column of predictions", async () => {
  const { theirs, ours } = await scoreBoth(regression);
  expect(theirs.columns).toEqual(["prediction"]);
  for (const [row, [prediction]] of theirs.data.entries()) {
    const difference = Math.abs(Number(prediction) - ours[row]!);
    expect(difference).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(ours[row]!)));
  }
});

test("a model asks for the versions that this test ran", () => {
  const tested = readFileSync(REQUIREMENTS, "utf8").replace("mlflow-skinny", "mlflow");
  expect(environmentFiles()["requirements.txt"]).toBe(tested);
});
