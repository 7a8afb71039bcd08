import { sql } from "kysely";
import { expect, test } from "vitest";
import { insertRun } from "../../../src/tracking/run-queries.ts";
import { testServer } from "../../support/server.ts";

const { mlflow, send, database } = await testServer();

type Model = Readonly<{
  info: Readonly<Record<string, unknown>> & Readonly<{ model_id: string; artifact_uri: string }>;
  data: Readonly<Record<string, unknown>>;
}>;

const RUN = "cd".repeat(16);
await insertRun(database.kysely, {
  runId: RUN,
  experimentId: 0,
  name: "r",
  user: "u",
  status: "FINISHED",
  startedAt: null,
  endedAt: null,
  recordDigest: null,
});

async function create(fields: Readonly<Record<string, unknown>> = {}): Promise<Model> {
  const reply = await mlflow("POST", "logged-models", { experiment_id: "0", ...fields });
  expect(reply.status, reply.text).toBe(200);
  return reply.json<{ model: Model }>().model;
}

async function get(id: string): Promise<Model> {
  return (await mlflow("GET", `logged-models/${id}`)).json<{ model: Model }>().model;
}

test("a logged model is made pending, becomes ready, is tagged, and goes", async () => {
  const made = await create({
    name: "net",
    model_type: "classifier",
    source_run_id: RUN,
    params: [{ key: "depth", value: "3" }],
    tags: [{ key: "a", value: "1" }],
  });
  const id = made.info.model_id;
  expect(id).toMatch(/^m-[0-9a-f]{32}$/);
  expect(made).toEqual({
    info: {
      model_id: id,
      experiment_id: "0",
      name: "net",
      creation_timestamp_ms: expect.any(Number),
      last_updated_timestamp_ms: expect.any(Number),
      artifact_uri: `mlflow-artifacts:/0/models/${id}/artifacts`,
      status: "LOGGED_MODEL_PENDING",
      model_type: "classifier",
      source_run_id: RUN,
      tags: [{ key: "a", value: "1" }],
    },
    data: { params: [{ key: "depth", value: "3" }] },
  });
  expect(await get(id)).toEqual(made);
  for (const [status, name] of [
    ["LOGGED_MODEL_READY", "LOGGED_MODEL_READY"],
    [3, "LOGGED_MODEL_UPLOAD_FAILED"],
    ["LOGGED_MODEL_PENDING", "LOGGED_MODEL_PENDING"],
  ] as const) {
    const reply = await mlflow("PATCH", `logged-models/${id}`, { model_id: id, status });
    expect(reply.json()).toMatchObject({ model: { info: { status: name } } });
  }
  await mlflow("PATCH", `logged-models/${id}/tags`, {
    tags: [
      { key: "a", value: "2" },
      { key: "x/*", value: "é" },
    ],
  });
  expect((await get(id)).info["tags"]).toEqual([
    { key: "a", value: "2" },
    { key: "x/*", value: "é" },
  ]);
  expect((await mlflow("DELETE", `logged-models/${id}/tags/x%2F*`)).text).toBe("{}");
  const missing = await mlflow("DELETE", `logged-models/${id}/tags/x%2F*`);
  expect([missing.status, missing.json()["error_code"]]).toEqual([404, "RESOURCE_DOES_NOT_EXIST"]);

  for (let i = 0; i < 2; i += 1) {
    expect((await mlflow("DELETE", `logged-models/${id}`)).text).toBe("{}");
  }
  const gone = await mlflow("GET", `logged-models/${id}`);
  expect([gone.status, gone.json()["message"]]).toEqual([
    404,
    `Logged model with ID '${id}' not found.`,
  ]);
  const shown = await mlflow("GET", `logged-models/${id}`, { allow_deleted: true });
  expect(shown.json()).toMatchObject({ model: { info: { model_id: id } } });
  const status = await mlflow("PATCH", `logged-models/${id}`, { model_id: id, status: 2 });
  const tags = await mlflow("PATCH", `logged-models/${id}/tags`, { tags: [] });
  expect([status.status, tags.status]).toEqual([200, 200]);
});

test("without a name it gets one, and without the rest empty texts", async () => {
  const { info, data } = await create({ name: "" });
  expect(info["name"]).toMatch(/^[a-z]+-[a-z]+-\d+$/);
  expect([info["model_type"], info["source_run_id"], data]).toEqual(["", "", {}]);
});

test("params are written once", async () => {
  const { model_id } = (await create({ params: [{ key: "a", value: "1" }] })).info;
  const path = `logged-models/${model_id}/params`;
  expect((await mlflow("POST", path, { model_id, params: [{ key: "b" }] })).text).toBe("{}");
  const again = await mlflow("POST", path, {
    model_id,
    params: [
      { key: "c", value: "3" },
      { key: "a", value: "1" },
    ],
  });
  expect([again.status, again.json()["error_code"]]).toEqual([400, "BAD_REQUEST"]);
  expect((await get(model_id)).data["params"]).toEqual([
    { key: "a", value: "1" },
    { key: "b", value: "" },
  ]);
});

test("metrics come with their dataset, and NaN and infinities as texts", async () => {
  const { model_id } = (await create()).info;
  const point = {
    model_id,
    run_id: RUN,
    timestamp_ms: 5,
    dataset_name: null,
    dataset_digest: null,
  };
  await database.kysely
    .insertInto("logged_model_metrics")
    .values([
      { ...point, key: "a", step: 0, value: Number.NaN },
      { ...point, key: "b", step: -1, value: Number.NEGATIVE_INFINITY },
      { ...point, key: "c", step: 2, value: 0.5, dataset_name: "d", dataset_digest: "123" },
    ])
    .execute();
  const shared = { timestamp: 5, model_id, run_id: RUN };
  expect((await get(model_id)).data["metrics"]).toEqual([
    { ...shared, key: "a", value: "NaN", step: 0 },
    { ...shared, key: "b", value: "-Infinity", step: -1 },
    { ...shared, key: "c", value: 0.5, step: 2, dataset_name: "d", dataset_digest: "123" },
  ]);
});

test("a step of 64 bits keeps its digits", async () => {
  const { model_id } = (await create()).info;
  await sql`INSERT INTO duetmind.logged_model_metrics
    (model_id, key, timestamp_ms, step, run_id, value)
    VALUES (${model_id}, 'a', 1, 9223372036854775807, ${RUN}, 1)`.execute(database.kysely);
  const reply = await mlflow("GET", `logged-models/${model_id}`);
  expect(reply.text).toContain('"step":9223372036854775807');
});

test("every limit holds at its edge", async () => {
  const text = "😀";
  const { info, data } = await create({
    name: "n".repeat(500),
    model_type: text.repeat(500),
    source_run_id: "r".repeat(256),
    params: [{ key: "k".repeat(250), value: text.repeat(6001) }],
    tags: [{ key: "k".repeat(250), value: text.repeat(8001) }],
  });
  expect(info["name"]).toHaveLength(500);
  expect(data["params"]).toEqual([{ key: "k".repeat(250), value: text.repeat(6000) }]);
  expect(info["tags"]).toEqual([{ key: "k".repeat(250), value: text.repeat(8000) }]);
});

test.each([
  [{ experiment_id: "" }, 400, "'experiment_id'"],
  [{ experiment_id: "77" }, 404, "No Experiment with id=77 exists"],
  [{ experiment_id: "x" }, 400, "must be a valid integer"],
  [{ name: "a/b" }, 400, "Invalid model name"],
  [{ name: "a:b" }, 400, "Invalid model name"],
  [{ name: "a.b" }, 400, "Invalid model name"],
  [{ name: "a%b" }, 400, "Invalid model name"],
  [{ name: 'a"b' }, 400, "Invalid model name"],
  [{ name: "a'b" }, 400, "Invalid model name"],
  [{ name: "n".repeat(501) }, 400, "'Model name' exceeds"],
  [{ name: "nul\0" }, 400, "Invalid value"],
  [{ model_type: "t".repeat(501) }, 400, "'Model type' exceeds"],
  [{ source_run_id: "r".repeat(257) }, 400, "'Source run ID' exceeds"],
  [{ params: [{ value: "v" }] }, 400, "'params[0].key'"],
  [{ params: [{ key: "k".repeat(251), value: "v" }] }, 400, "maximum length of 250"],
  [{ params: [{ key: "k", value: "\0" }] }, 400, "Invalid value"],
  [{ tags: [{ key: "k".repeat(251), value: "v" }] }, 400, "maximum length of 250"],
  [{ params: [{ key: "k" }, { key: "k" }] }, 400, "param 'k': expected it once"],
] as const)("a logged model with %j is %i", async (fields, status, phrase) => {
  const reply = await mlflow("POST", "logged-models", {
    experiment_id: "0",
    ...(fields as object),
  });
  expect(reply.json()["message"]).toContain(phrase);
  expect(reply.status).toBe(status);
});

test("what is not there, and what a body has to say again", async () => {
  const id = `m-${"0".repeat(32)}`;
  for (const reply of [
    await mlflow("GET", `logged-models/${id}`),
    await mlflow("DELETE", `logged-models/${id}`),
    await mlflow("PATCH", `logged-models/${id}`, { model_id: id, status: 2 }),
    await mlflow("PATCH", `logged-models/${id}/tags`, { tags: [{ key: "k" }] }),
    await mlflow("POST", `logged-models/${id}/params`, { model_id: id, params: [] }),
  ]) {
    expect([reply.status, reply.json()["message"]]).toEqual([
      404,
      expect.stringContaining("Logged model with ID"),
    ]);
  }
  const unsaid = await mlflow("PATCH", `logged-models/${id}`, { status: 2 });
  expect(unsaid.json()["message"]).toContain("'model_id'");
  for (const status of [0, 4, "READY"]) {
    const reply = await mlflow("PATCH", `logged-models/${id}`, { model_id: id, status });
    expect(reply.json()["message"]).toContain("for parameter 'status'");
  }
  const bare = await send("DELETE", `/api/2.0/mlflow/logged-models/${id}`);
  expect(bare.status).toBe(404);
});

test("a registered one names its run, and knows the versions it became", async () => {
  const { info } = await create({ source_run_id: RUN });
  const source = `models:/${info.model_id}`;
  await mlflow("POST", "registered-models/create", { name: "reg" });
  const register = (fields: Readonly<Record<string, unknown>>) =>
    mlflow("POST", "model-versions/create", { name: "reg", source, ...fields });

  const unnamed = await register({});
  expect([unnamed.status, unnamed.json()["message"]]).toEqual([
    400,
    expect.stringContaining("must identify the resource that contains the source."),
  ]);
  expect((await register({ model_id: `m-${"0".repeat(32)}` })).status).toBe(404);
  const made = await register({ model_id: info.model_id });
  expect(made.json()).toMatchObject({ model_version: { version: "1", source, run_id: RUN } });
  const below = `${info.artifact_uri}/sub`;
  expect((await register({ model_id: info.model_id, source: below })).status).toBe(200);
  expect((await register({ model_id: info.model_id, source: `${source}/sub` })).status).toBe(200);
  const beside = await register({ model_id: info.model_id, source: "mlflow-artifacts:/0/models" });
  expect(beside.status).toBe(400);

  const uris = await Promise.all(
    ["1", "2", "3"].map(async (version) => {
      const reply = await mlflow("GET", "model-versions/get-download-uri", {
        name: "reg",
        version,
      });
      return reply.json()["artifact_uri"];
    }),
  );
  expect(uris).toEqual([info.artifact_uri, below, below]);
  expect((await get(info.model_id)).info["tags"]).toEqual([
    {
      key: "mlflow.modelVersions",
      value:
        '[{"name": "reg", "version": 1}, {"name": "reg", "version": 2}, {"name": "reg", "version": 3}]',
    },
  ]);
});
