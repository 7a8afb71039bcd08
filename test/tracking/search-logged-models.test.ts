import { beforeAll, expect, test } from "vitest";
import { ensureExperiment } from "../../src/tracking/experiment-queries.ts";
import { insertRun } from "../../src/tracking/run-queries.ts";
import {
  type LoggedModelSearch,
  searchLoggedModels,
} from "../../src/tracking/search-logged-models-queries.ts";
import { testDatabase } from "../support/database.ts";

const AT = Date.parse("2026-11-25T10:00:00Z");
const db = (await testDatabase()).kysely;
const idOf = (letter: string) => `m-${letter.repeat(32)}`;
let first: number;
let second: number;

beforeAll(async () => {
  first = await ensureExperiment(db, "first", new Date(AT));
  second = await ensureExperiment(db, "second", new Date(AT));
  const run = { runId: "run1", name: "x", user: "ann", status: "FINISHED" } as const;
  const times = { startedAt: null, endedAt: null, recordDigest: null };
  await insertRun(db, { ...run, experimentId: first, ...times });
  const model = (letter: string, ms: number, experiment = first, status = 2) => ({
    model_id: idOf(letter),
    experiment_id: experiment,
    name: letter === "a" ? "Forest" : `model ${letter}`,
    artifact_uri: `mlflow-artifacts:/${experiment}/models/${idOf(letter)}/artifacts`,
    status,
    model_type: letter === "b" ? "agent" : "",
    source_run_id: letter === "a" ? "run1" : "",
    created_at: new Date(AT + ms),
    updated_at: new Date(AT + 10 - ms),
  });
  await db
    .insertInto("logged_models")
    .values([
      model("a", 1),
      model("b", 2, first, 1),
      model("c", 3),
      model("d", 4, second),
      { ...model("e", 5), lifecycle_stage: "deleted" },
    ])
    .execute();
  const metric = (letter: string, key: string, value: number, on?: string, step = 0) => ({
    model_id: idOf(letter),
    key,
    value,
    step,
    timestamp_ms: AT,
    run_id: "run1",
    dataset_name: on ?? null,
    dataset_digest: on === undefined ? null : `${on}-digest`,
  });
  await db
    .insertInto("logged_model_metrics")
    .values([
      metric("a", "auc", 0.9, "test", 0),
      metric("a", "auc", 0.6, "train", 1),
      metric("b", "auc", 0.7, "test"),
      metric("c", "auc", Number.NaN),
      metric("c", "loss/val", 2, "other"),
    ])
    .execute();
  const entry = (letter: string, key: string, value: string) => ({
    model_id: idOf(letter),
    key,
    value,
  });
  await db
    .insertInto("logged_model_params")
    .values([entry("a", "lr", "0.1"), entry("b", "lr", "0.2")])
    .execute();
  await db
    .insertInto("logged_model_tags")
    .values([entry("a", "team", "Red"), entry("d", "team", "red")])
    .execute();
});

function search(changes: Partial<LoggedModelSearch> = {}) {
  const defaults = { filter: "", datasets: [], orderBy: [], maxResults: 50, pageToken: undefined };
  return searchLoggedModels(db, { experimentIds: [first, second], ...defaults, ...changes });
}

async function found(changes: Partial<LoggedModelSearch>): Promise<string> {
  return (await search(changes)).rows.map(({ modelId }) => modelId[2]).join("");
}

test.each([
  ["", "dcba"],
  ["name = 'Forest'", "a"],
  ["attributes.name != 'Forest'", "dcb"],
  ["name ILIKE 'MODEL _'", "dcb"],
  ["name IN ('Forest', 'model b')", "ba"],
  ["name NOT IN ('Forest')", "dcb"],
  [`model_id = '${idOf("c")}'`, "c"],
  ["model_type = 'agent'", "b"],
  ["source_run_id = 'run1'", "a"],
  ["status = 2", "dca"],
  ["status = '2'", "dca"],
  ["status IN (1, 3)", "b"],
  ["status = 'LOGGED_MODEL_READY'", ""],
  ["status != 'LOGGED_MODEL_READY'", "dcba"],
  [`creation_timestamp > ${AT + 2}`, "dc"],
  [`creation_time <= ${AT + 2}`, "ba"],
  [`attributes.last_updated_timestamp = ${AT + 8}`, "b"],
  ["metrics.auc > 0.65", "ba"],
  ["metrics.auc = 0.6 AND metrics.auc = 0.9", "a"],
  ["metrics.auc != 0.9", "cba"],
  ["metrics.auc >= 0", "ba"],
  ["metrics.`loss/val` < 3", "c"],
  ["params.lr = '0.1'", "a"],
  ["params.lr IN ('0.1', '0.2')", "ba"],
  ["tags.team ILIKE 'red'", "da"],
  ["tags.team NOT IN ('red')", "a"],
])("%s finds %s", async (filter, expected) => {
  expect(await found({ filter })).toBe(expected);
});

test("datasets say which values of a metric count; a name alone finds nothing", async () => {
  const on = (name: string, digest: string | undefined = `${name}-digest`) => ({ name, digest });
  const filter = "metrics.auc > 0.5";
  expect(await found({ filter, datasets: [on("test")] })).toBe("ba");
  expect(await found({ filter, datasets: [on("train")] })).toBe("a");
  expect(await found({ filter: "metrics.auc > 0.8", datasets: [on("train")] })).toBe("");
  expect(await found({ filter, datasets: [on("other"), on("train")] })).toBe("a");
  expect(await found({ filter, datasets: [{ name: "test", digest: undefined }] })).toBe("");
  expect(await found({ datasets: [on("other")] })).toBe("c");
});

test("orders: attributes and metrics, rows without the metric last", async () => {
  const by = (field: string, ascending = true) => [{ field, ascending }];
  expect(await found({ orderBy: by("name") })).toBe("abcd");
  expect(await found({ orderBy: by("attributes.last_updated_timestamp") })).toBe("dcba");
  // The newest value is sorted by: 0.6 of a, not its 0.9.
  expect(await found({ orderBy: by("metrics.auc", false) })).toBe("bacd");
  expect(await found({ orderBy: by("metrics.auc") })).toBe("abcd");
  expect(await found({ orderBy: by("metrics.loss/val") })).toBe("cdba");
  const dataset = { name: "test", digest: "test-digest" };
  const onTest = [{ field: "metrics.auc", ascending: false, dataset }];
  expect(await found({ orderBy: onTest })).toBe("abdc");
  expect(await found({ orderBy: onTest, filter: "metrics.auc < 0.65" })).toBe("a");
  const twice = [...by("name"), ...by("name", false)];
  expect(await found({ orderBy: twice })).toBe("abcd");
});

test.each(["params.lr", "tags.team", "metrics.", "nope", "metrics.\0"])(
  "an order by '%s' is refused",
  async (field) => {
    const refused = search({ orderBy: [{ field, ascending: true }] });
    await expect(refused).rejects.toMatchObject({ code: "BAD_INPUT" });
  },
);

test.each([
  "metric.auc > 1",
  "attribute.name = 'x'",
  "params.lr IS NULL",
  "nope = 'x'",
  "name = 5",
])("%s is refused", async (filter) => {
  await expect(search({ filter })).rejects.toMatchObject({ code: "BAD_INPUT" });
});

test("a model comes with its params, tags and every metric", async () => {
  const { rows } = await search({ filter: "name = 'Forest'" });
  const point = { key: "auc", timestampMs: AT, runId: "run1" };
  expect(rows).toEqual([
    {
      modelId: idOf("a"),
      experimentId: first,
      name: "Forest",
      artifactUri: `mlflow-artifacts:/${first}/models/${idOf("a")}/artifacts`,
      status: 2,
      statusMessage: null,
      modelType: "",
      sourceRunId: "run1",
      createdAt: new Date(AT + 1),
      updatedAt: new Date(AT + 9),
      params: [{ key: "lr", value: "0.1" }],
      tags: [{ key: "team", value: "Red" }],
      metrics: [
        { ...point, value: 0.9, step: 0, datasetName: "test", datasetDigest: "test-digest" },
        { ...point, value: 0.6, step: 1, datasetName: "train", datasetDigest: "train-digest" },
      ],
    },
  ]);
});

test("pages, and tokens bound to experiments, filter, datasets and order", async () => {
  const byMetric = [{ field: "metrics.auc", ascending: false }];
  for (const orderBy of [[], byMetric]) {
    const all = await found({ orderBy });
    let paged = "";
    let pageToken: string | undefined;
    do {
      const page = await search({ orderBy, maxResults: 1, pageToken });
      paged += page.rows.map(({ modelId }) => modelId[2]).join("");
      pageToken = page.nextPageToken ?? undefined;
    } while (pageToken !== undefined);
    expect(paged).toBe(all);
  }
  const pageToken = (await search({ maxResults: 1 })).nextPageToken!;
  for (const changes of [
    { experimentIds: [first] },
    { filter: "status = 2" },
    { orderBy: byMetric },
    { datasets: [{ name: "test", digest: "d" }] },
  ]) {
    await expect(search({ pageToken, ...changes })).rejects.toThrow("Invalid page token");
  }
});
