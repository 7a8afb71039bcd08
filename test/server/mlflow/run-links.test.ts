import { expect, test } from "vitest";
import { testServer } from "../../support/server.ts";

const { mlflow, send } = await testServer();

type Run = Readonly<{
  info: { run_id: string };
  data: { tags: readonly { key: string; value: string }[] };
  inputs: unknown;
  outputs: unknown;
}>;

async function newRun(experiment_id = "0"): Promise<string> {
  const reply = await mlflow("POST", "runs/create", { experiment_id, run_name: "r" });
  return reply.json<{ run: Run }>().run.info.run_id;
}

async function get(run_id: string): Promise<Run> {
  return (await mlflow("GET", "runs/get", { run_id })).json<{ run: Run }>().run;
}

const IRIS = { name: "iris", digest: "d1", source_type: "http", source: '{"uri":"x"}' };
const TRAINING = [{ key: "mlflow.data.context", value: "training" }];
const MODEL = `m-${"c".repeat(32)}`;

test("datasets and models that a run used come back, each once, sorted", async () => {
  const run_id = await newRun();
  const wine = { ...IRIS, name: "Wine", schema: '{"a":"\u00e9"}', profile: "{}" };
  const datasets = [{ dataset: IRIS, tags: TRAINING }, { dataset: wine }];
  const models = [{ model_id: MODEL }, { model_id: "m-2" }, { model_id: MODEL }];
  for (let round = 0; round < 2; round += 1) {
    const reply = await mlflow("POST", "runs/log-inputs", { run_id, datasets, models });
    expect(reply.text).toBe("{}");
  }
  expect((await get(run_id)).inputs).toEqual({
    dataset_inputs: [{ dataset: wine }, { dataset: IRIS, tags: TRAINING }].sort((a, b) =>
      a.dataset.name < b.dataset.name ? -1 : 1,
    ),
    model_inputs: [{ model_id: "m-2" }, { model_id: MODEL }],
  });
  expect((await mlflow("POST", "runs/log-inputs", { run_id })).text).toBe("{}");
});

const dataset = (fields: object) => ({ datasets: [{ dataset: { ...IRIS, ...fields } }] });
const tagged = (key: string, value: string) => ({
  datasets: [{ dataset: IRIS, tags: [{ key, value }] }],
});

test.each([
  [dataset({ name: "x".repeat(500) }), 200, ""],
  [dataset({ name: "x".repeat(501) }), 400, "'Dataset name' exceeds the maximum length of 500"],
  [dataset({ digest: "x".repeat(36) }), 200, ""],
  [dataset({ digest: "x".repeat(37) }), 400, "'Dataset digest' exceeds the maximum length of 36"],
  [dataset({ name: "s", source: "x".repeat(65_535) }), 200, ""],
  [dataset({ source: "x".repeat(65_536) }), 400, "'Dataset source' exceeds the maximum length"],
  [dataset({ name: "c", schema: "x".repeat(1_048_575) }), 200, ""],
  [dataset({ schema: "x".repeat(1_048_576) }), 400, "'Dataset schema' exceeds the maximum length"],
  [dataset({ name: "p", profile: "x".repeat(16_777_215) }), 200, ""],
  [dataset({ profile: "x".repeat(16_777_216) }), 400, "'Dataset profile' exceeds the maximum"],
  [tagged("x".repeat(255), "v".repeat(500)), 200, ""],
  [tagged("x".repeat(256), "v"), 400, "'Input tag key' exceeds the maximum length of 255"],
  [tagged("k", "v".repeat(501)), 400, "'Input tag value' exceeds the maximum length of 500"],
  [dataset({ name: "" }), 400, "required parameter 'datasets[0].dataset.name'"],
  [dataset({ digest: undefined }), 400, "required parameter 'datasets[0].dataset.digest'"],
  [dataset({ source: "a\0" }), 400, "parameter 'datasets[0].dataset.source'"],
  [{ datasets: [{}] }, 400, "required parameter 'datasets[0].dataset'"],
  [{ models: [{}] }, 400, "required parameter 'models[0].model_id'"],
  [{ models: [{ model_id: "m".repeat(256) }] }, 400, "'model_id' exceeds the maximum length"],
])("log-inputs at a limit: case %#", async (fields, status, phrase) => {
  const run_id = await newRun();
  const reply = await mlflow("POST", "runs/log-inputs", { run_id, ...fields });
  expect([reply.status, reply.text]).toEqual([status, expect.stringContaining(phrase)]);
});

test("models that a run made come back with their step; nobody need know them", async () => {
  const run_id = await newRun();
  const models = [{ model_id: "m-b", step: 3 }, { model_id: "m-a" }, { model_id: "m-a", step: 9 }];
  const reply = await mlflow("POST", "runs/outputs", { run_id, models });
  expect(reply.text).toBe("{}");
  expect((await get(run_id)).outputs).toEqual({
    model_outputs: [
      { model_id: "m-a", step: 0 },
      { model_id: "m-b", step: 3 },
    ],
  });
  const missing = await mlflow("POST", "runs/outputs", { run_id });
  expect(missing.json()["message"]).toContain("required parameter 'models'");
});

test("a model of an old client is added to the run's history, the oldest giving way", async () => {
  const run_id = await newRun();
  const model = (path: string) => ({
    ...{ artifact_path: path, run_id, utc_time_created: "2026-11-25 10:00:00.000000" },
    flavors: { python_function: { loader_module: "m".repeat(900) } },
  });
  for (let i = 0; i < 10; i += 1) {
    const model_json = JSON.stringify(model(`model${i}`));
    const reply = await mlflow("POST", "runs/log-model", { run_id, model_json });
    expect(reply.text).toBe("{}");
  }
  const { data } = await get(run_id);
  const { value } = data.tags.find(({ key }) => key === "mlflow.log-model.history")!;
  const paths = (JSON.parse(value) as { artifact_path: string }[]).map((m) => m.artifact_path);
  expect(value.length).toBeLessThanOrEqual(8000);
  expect(paths).toEqual(["model3", "model4", "model5", "model6", "model7", "model8", "model9"]);
});

test.each([
  ["{", "is not a valid JSON"],
  ["[]", "is not a valid JSON"],
  [
    '{"flavors":{},"run_id":"r"}',
    "missing mandatory fields: {'artifact_path', 'utc_time_created'}",
  ],
  [
    JSON.stringify({
      artifact_path: "x".repeat(8000),
      flavors: {},
      run_id: "",
      utc_time_created: "",
    }),
    "model_json: expected at most",
  ],
])("log-model with %s is 400", async (model_json, phrase) => {
  const run_id = await newRun();
  const reply = await mlflow("POST", "runs/log-model", { run_id, model_json });
  expect([reply.status, reply.json()["message"]]).toEqual([400, expect.stringContaining(phrase)]);
});

test("inputs, outputs and models of a deleted or unknown run are refused", async () => {
  const run_id = await newRun();
  await mlflow("POST", "runs/delete", { run_id });
  const model_json = '{"artifact_path":"a","flavors":{},"run_id":"r","utc_time_created":"t"}';
  const calls: [string, object][] = [
    ["log-inputs", { models: [{ model_id: MODEL }] }],
    ["outputs", { models: [{ model_id: MODEL }] }],
    ["log-model", { model_json }],
  ];
  for (const [path, fields] of calls) {
    const deleted = await mlflow("POST", `runs/${path}`, { run_id, ...fields });
    expect([deleted.status, deleted.text]).toEqual([
      400,
      expect.stringContaining("'active' state"),
    ]);
    const unknown = await mlflow("POST", `runs/${path}`, { run_id: "nobody", ...fields });
    expect(unknown.status).toBe(404);
  }
});

test("the datasets of experiments are found for the web UI, by the active runs that used them", async () => {
  const made = await mlflow("POST", "experiments/create", { name: "with datasets" });
  const { experiment_id } = made.json<{ experiment_id: string }>();
  const [kept, gone] = [await newRun(experiment_id), await newRun(experiment_id)];
  await mlflow("POST", "runs/log-inputs", {
    ...{ run_id: kept, datasets: [{ dataset: IRIS, tags: TRAINING }] },
  });
  const other = { ...IRIS, name: "gone" };
  await mlflow("POST", "runs/log-inputs", { run_id: gone, datasets: [{ dataset: other }] });
  const url = "/ajax-api/2.0/mlflow/experiments/search-datasets";
  const iris = { experiment_id, name: "iris", digest: "d1", context: "training" };
  expect((await send("POST", url, { experiment_ids: [experiment_id] })).json()).toEqual({
    dataset_summaries: [{ experiment_id, name: "gone", digest: "d1" }, iris],
  });
  await mlflow("POST", "runs/delete", { run_id: gone });
  const twenty = Array(20).fill(experiment_id);
  expect((await send("POST", url, { experiment_ids: twenty })).json()).toEqual({
    dataset_summaries: [iris],
  });
  for (const [experiment_ids, phrase] of [
    [[], "at least one experiment_id"],
    [[...twenty, "0"], "cannot specify more than 20 experiment_ids. Received 21"],
  ] as const) {
    const reply = await send("POST", url, { experiment_ids });
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining(phrase)]);
  }
});
