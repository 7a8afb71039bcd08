import { expect, test } from "vitest";
import { testServer } from "../../support/server.ts";

const { mlflow, send, database } = await testServer();

async function newRun(): Promise<string> {
  const reply = await mlflow("POST", "runs/create", { experiment_id: "0", run_name: "r" });
  return reply.json<{ run: { info: { run_id: string } } }>().run.info.run_id;
}

type Data = Readonly<{ metrics?: unknown; params?: unknown; tags?: readonly { key: string }[] }>;

async function dataOf(run_id: string): Promise<Data> {
  const reply = await mlflow("GET", "runs/get", { run_id });
  const { data } = reply.json<{ run: { data: Data } }>().run;
  const tags = data.tags?.filter(({ key }) => key !== "mlflow.runName") ?? [];
  const { tags: _, ...rest } = data;
  return tags.length === 0 ? rest : { ...rest, tags };
}

function batch(run_id: string, fields: Record<string, unknown>) {
  return mlflow("POST", "runs/log-batch", { run_id, ...fields });
}

const numbered = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const metric = (index: number) => ({ key: `m${index}`, value: index, timestamp: 1 });
const entry = (index: number) => ({ key: `k${index}`, value: "v" });

test("metrics, params and tags come back; a run shows the latest point of a metric", async () => {
  const run_id = await newRun();
  const log = (fields: object) => mlflow("POST", "runs/log-metric", { run_id, ...fields });
  expect((await log({ key: "loss", value: 0.5, timestamp: 10, step: 2 })).json()).toEqual({});
  await log({ key: "loss", value: "0.25", timestamp: "11", step: "1" });
  await log({ key: "nan", value: "NaN", timestamp: 1 });
  await log({ key: "up", value: "Infinity", timestamp: 1, step: -3 });
  await log({ key: "down", value: "-inf", timestamp: 0 });
  await mlflow("POST", "runs/log-parameter", { run_id, key: "lr/α 1", value: 'a "b"\\\n\u2028' });
  await mlflow("POST", "runs/log-parameter", { run_id, key: "empty" });
  await mlflow("POST", "runs/set-tag", { run_id, key: "t", value: "é🧠" });
  expect(await dataOf(run_id)).toEqual({
    metrics: [
      { key: "down", value: "-Infinity", timestamp: 0, step: 0 },
      { key: "loss", value: 0.5, timestamp: 10, step: 2 },
      { key: "nan", value: "NaN", timestamp: 1, step: 0 },
      { key: "up", value: "Infinity", timestamp: 1, step: -3 },
    ],
    params: [
      { key: "empty", value: "" },
      { key: "lr/α 1", value: 'a "b"\\\n\u2028' },
    ],
    tags: [{ key: "t", value: "é🧠" }],
  });
});

test("bare NaN and infinities are read; steps and times keep all their digits", async () => {
  const run_id = await newRun();
  const body = `{"run_id":"${run_id}","metrics":[
    {"key":"a","value":NaN,"timestamp":9223372036854775807,"step":-9223372036854775808},
    {"key":"b","value":-Infinity,"timestamp":1,"step":9223372036854775807},
    {"key":"c","value":1e400,"timestamp":1,"step":9223372036854775806},
    {"key":"c","value":2,"timestamp":1,"step":9223372036854775807}]}`;
  const reply = await send("POST", "/api/2.0/mlflow/runs/log-batch", body, {
    "content-type": "application/json",
  });
  expect(reply.text).toBe("{}");
  const run = await mlflow("GET", "runs/get", { run_id });
  expect(run.text).toContain(
    '"metrics":[{"key":"a","value":"NaN","timestamp":9223372036854775807,"step":-9223372036854775808},' +
      '{"key":"b","value":"-Infinity","timestamp":1,"step":9223372036854775807},' +
      '{"key":"c","value":2,"timestamp":1,"step":9223372036854775807}]',
  );
});

test("a batch of exactly each limit passes", async () => {
  const run_id = await newRun();
  const most = { metrics: numbered(800, metric), params: numbered(100, entry) };
  const full = await batch(run_id, { ...most, tags: numbered(100, entry) });
  expect([full.status, full.text]).toEqual([200, "{}"]);
  expect((await batch(run_id, { metrics: numbered(1000, metric) })).status).toBe(200);
  const data = await dataOf(run_id);
  expect([data.metrics, data.params, data.tags].map((list) => (list as []).length)).toEqual([
    1000, 100, 100,
  ]);
});

test.each([
  [{ metrics: numbered(1001, metric) }, "at most 1000 metrics. Got 1001 metrics."],
  [{ params: numbered(101, entry) }, "at most 100 params. Got 101 params."],
  [{ tags: numbered(101, entry) }, "at most 100 tags. Got 101 tags."],
  [
    { metrics: numbered(801, metric), params: numbered(100, entry), tags: numbered(100, entry) },
    "at most 1000 metrics, params, and tags. Got 1001 metrics, params, and tags.",
  ],
])("a batch one over a limit writes nothing: case %#", async (fields, phrase) => {
  const run_id = await newRun();
  const reply = await batch(run_id, fields);
  expect(reply.status).toBe(400);
  expect(reply.json()["message"]).toContain(`A batch logging request can contain ${phrase}`);
  expect(await dataOf(run_id)).toEqual({});
});

const good = { key: "k", value: 1, timestamp: 1 };
const text = { key: "k", value: "v" };
test.each([
  [{ metrics: [good, { value: 1, timestamp: 1 }] }, "required parameter 'metrics[1].key'."],
  [{ metrics: [{ key: "k", timestamp: 1 }] }, "required parameter 'metrics[0].value'."],
  [{ metrics: [{ key: "k", value: 1 }] }, "required parameter 'metrics[0].timestamp'."],
  [{ metrics: [{ ...good, value: "abc" }] }, "\"abc\" for parameter 'metrics[0].value'"],
  [{ metrics: [{ ...good, step: 1.5 }] }, "1.5 for parameter 'metrics[0].step'"],
  [{ metrics: [{ ...good, timestamp: -1 }] }, "-1 for parameter 'metrics[0].timestamp'"],
  [{ metrics: [{ ...good, key: "a//b" }] }, "parameter 'metrics[0].name'"],
  [{ metrics: [{ ...good, key: "x".repeat(251) }] }, "'Metric name' exceeds the maximum length"],
  [{ metrics: [good, 5] }, "parameter 'metrics[1]'"],
  [{ metrics: {} }, "parameter 'metrics'"],
  [{ params: [text, { value: "v" }] }, "required parameter 'params[1].key'."],
  [{ params: [{ key: "k", value: 5 }] }, "5 for parameter 'params[0].value'"],
  [{ params: [{ key: "../x", value: "v" }] }, "parameter 'params[0].key'"],
  [{ params: [{ ...text, key: "x".repeat(251) }] }, "'Param key' exceeds the maximum length"],
  [{ params: [text, { ...text }] }, "Duplicate parameter keys have been submitted: ['k']"],
  [{ tags: [text, { value: "v" }] }, "required parameter 'tags[1].key'."],
  [{ tags: [{ key: "a\\b", value: "v" }] }, "parameter 'tags[0].key'"],
  [{ tags: [{ ...text, key: "x".repeat(251) }] }, "'tags[0].key' exceeds the maximum length"],
  [{ tags: [{ key: "k", value: "a\0b" }] }, "parameter 'tags[0].value'"],
])("a batch with %j names the place and writes nothing", async (fields, phrase) => {
  const run_id = await newRun();
  const rest = { metrics: [good], params: [text], tags: [text] };
  const reply = await batch(run_id, { ...rest, ...fields });
  expect([reply.status, reply.json()["error_code"]]).toEqual([400, "INVALID_PARAMETER_VALUE"]);
  expect(reply.json()["message"]).toContain(phrase);
  expect(await dataOf(run_id)).toEqual({});
});

test.each([
  ["log-metric", { value: 1, timestamp: 1 }, "required parameter 'key'."],
  ["log-metric", { key: "k", timestamp: 1 }, "required parameter 'value'."],
  ["log-metric", { key: "k", value: 1 }, "required parameter 'timestamp'."],
  ["log-metric", { ...good, key: "a:b/./c" }, "parameter 'name'"],
  ["log-metric", { ...good, key: "x".repeat(251) }, "'Metric name' exceeds"],
  ["log-metric", { ...good, timestamp: -1 }, "parameter 'timestamp'"],
  ["log-metric", { ...good, timestamp: "9223372036854775808" }, "parameter 'timestamp'"],
  ["log-parameter", { value: "v" }, "required parameter 'key'."],
  ["log-parameter", { key: "a//b", value: "v" }, "parameter 'key'"],
  ["log-parameter", { key: "x".repeat(251), value: "v" }, "'Param key' exceeds"],
  ["log-parameter", { key: "k", value: 1 }, "1 for parameter 'value'"],
  ["set-tag", { value: "v" }, "required parameter 'key'."],
  ["set-tag", { key: "/a", value: "v" }, "parameter 'key'"],
  ["set-tag", { key: "x".repeat(251), value: "v" }, "'key' exceeds the maximum length of 250"],
  ["delete-tag", {}, "required parameter 'key'."],
])("%s with %j is 400", async (path, fields, phrase) => {
  const reply = await mlflow("POST", `runs/${path}`, { run_id: "any", ...fields });
  expect(reply.status).toBe(400);
  expect(reply.json()["message"]).toContain(phrase);
});

test("keys at their longest pass; long values are cut without a word", async () => {
  const run_id = await newRun();
  const key = "ключ é_-.: /".repeat(21).slice(0, 250).replace(/\W$/, "x");
  const value = "🧠".repeat(8001);
  await mlflow("POST", "runs/log-parameter", { run_id, key, value });
  await mlflow("POST", "runs/set-tag", { run_id, key, value });
  expect((await mlflow("POST", "runs/log-metric", { run_id, ...good, key })).status).toBe(200);
  const { params, tags } = await dataOf(run_id);
  expect(params).toEqual([{ key, value: "🧠".repeat(6000) }]);
  expect(tags).toEqual([{ key, value: "🧠".repeat(8000) }]);
});

test("a param is written once; a batch that would change one writes nothing", async () => {
  const run_id = await newRun();
  await mlflow("POST", "runs/log-parameter", { run_id, key: "depth", value: "6" });
  const again = await mlflow("POST", "runs/log-parameter", { run_id, key: "depth", value: "6" });
  expect(again.status).toBe(200);
  const single = await mlflow("POST", "runs/log-parameter", { run_id, key: "depth", value: "7" });
  const reply = await batch(run_id, {
    metrics: [good],
    params: [text, { key: "depth", value: "7" }],
    tags: [text],
  });
  for (const { status, json } of [single, reply]) {
    expect(status).toBe(400);
    expect(json()).toMatchObject({
      error_code: "INVALID_PARAMETER_VALUE",
      message: `Changing param values is not allowed. Params were already logged='[{'key': 'depth', 'old_value': '6', 'new_value': '7'}]' for run ID='${run_id}'.`,
    });
  }
  expect(await dataOf(run_id)).toEqual({ params: [{ key: "depth", value: "6" }] });
});

test("of duplicate tags the last wins; a tag goes once", async () => {
  const run_id = await newRun();
  await batch(run_id, { tags: [text, { key: "k", value: "last" }] });
  expect((await dataOf(run_id)).tags).toEqual([{ key: "k", value: "last" }]);
  expect((await mlflow("POST", "runs/delete-tag", { run_id, key: "k" })).json()).toEqual({});
  const gone = await mlflow("POST", "runs/delete-tag", { run_id, key: "k" });
  expect([gone.status, gone.json()["message"]]).toEqual([
    404,
    `No tag with name: k in run with id ${run_id}`,
  ]);
});

test("a metric of a logged model is kept by both; of an unknown model by the run alone", async () => {
  const run_id = await newRun();
  const model_id = `m-${"a".repeat(32)}`;
  const at = new Date(0);
  await database.kysely
    .insertInto("logged_models")
    .values({
      ...{ model_id, experiment_id: 0, name: "m", artifact_uri: "mlflow-artifacts:/0/models/m" },
      ...{ created_at: at, updated_at: at },
    })
    .execute();
  const dataset = { dataset_name: "iris", dataset_digest: "d1" };
  await mlflow("POST", "runs/log-metric", { run_id, ...good, model_id, ...dataset });
  await batch(run_id, {
    metrics: [
      { ...good, model_id },
      { ...good, step: 2, model_id },
    ],
  });
  const unknown = `m-${"b".repeat(32)}`;
  const refused = await mlflow("POST", "runs/log-metric", {
    ...{ run_id, ...good, key: "z", model_id: unknown },
  });
  expect([refused.status, refused.json()["error_code"]]).toEqual([400, "BAD_REQUEST"]);
  expect((await dataOf(run_id)).metrics).toEqual([
    { ...good, step: 2 },
    { ...good, key: "z", step: 0 },
  ]);
  const rows = await database.kysely
    .selectFrom("logged_model_metrics")
    .select(["model_id", "key", "step", "run_id", "value", "dataset_name", "dataset_digest"])
    .orderBy("step")
    .execute();
  const row = { model_id, key: "k", run_id, value: 1 };
  expect(rows).toEqual([
    { ...row, step: 0, ...dataset },
    { ...row, step: 2, dataset_name: null, dataset_digest: null },
  ]);
});

test("32 writers with shuffled keys on one run: each call passes, the latest values are right", async () => {
  const run_id = await newRun();
  const keys = numbered(40, (index) => `key${index}`);
  const random = seeded();
  const batches = numbered(96, (number) =>
    shuffled(keys, random).map((key, index) => ({
      ...{ key, timestamp: 1, step: (number * 37) % 96 },
      value: number * 100 + index,
    })),
  );
  const left = [...batches];
  await Promise.all(
    numbered(32, async () => {
      for (let metrics = left.pop(); metrics !== undefined; metrics = left.pop()) {
        const reply = await batch(run_id, { metrics, tags: shuffled(TAGS, random) });
        expect([reply.status, reply.text]).toEqual([200, "{}"]);
      }
    }),
  );
  const last = batches.find((metrics) => metrics[0]!.step === 95)!;
  const byKey = last.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  expect((await dataOf(run_id)).metrics).toEqual(byKey);
  const points = await database.kysely
    .selectFrom("metrics")
    .select((count) => count.fn.countAll().as("count"))
    .where("run_id", "=", run_id)
    .executeTakeFirst();
  expect(points).toEqual({ count: 96 * 40 });
});

const TAGS = numbered(10, (index) => ({ key: `tag${index}`, value: "v" })).concat({
  ...{ key: "mlflow.runName", value: "renamed" },
});

function seeded(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const keyed = items.map((item) => [random(), item] as const);
  return keyed.sort(([a], [b]) => a - b).map(([, item]) => item);
}
