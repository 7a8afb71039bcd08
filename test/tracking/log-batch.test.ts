import { beforeAll, expect, test } from "vitest";
import { ensureExperiment } from "../../src/tracking/experiment-queries.ts";
import { logBatch } from "../../src/tracking/log-batch.ts";
import { findRun, metricHistory } from "../../src/tracking/run-details.ts";
import { insertRun } from "../../src/tracking/run-queries.ts";
import { testDatabase } from "../support/database.ts";

const AT = new Date("2026-11-23T10:00:00Z");
const database = await testDatabase();
const db = database.kysely;
let experimentId: number;
let count = 0;

beforeAll(async () => {
  experimentId = await ensureExperiment(db, "tests", AT);
});

async function newRun(): Promise<string> {
  count += 1;
  const runId = `run${count}`;
  const times = { startedAt: AT, endedAt: null };
  const run = {
    runId,
    experimentId,
    name: runId,
    user: "ann",
    status: "RUNNING",
    ...times,
  } as const;
  await insertRun(db, { ...run, recordDigest: null });
  return runId;
}

test("values come back as they were: NaN, infinities and the smallest numbers", async () => {
  const runId = await newRun();
  const values = [Number.NaN, Infinity, -Infinity, 5e-324, 0.1 + 0.2, -0.5, 1e308];
  const metrics = values.map((value, step) => ({ key: "loss", value, step, timestampMs: 5 }));
  await logBatch(db, runId, { metrics });
  expect(await metricHistory(db, runId, "loss")).toEqual(metrics);
  expect((await findRun(db, runId))!.metrics).toEqual({ loss: 1e308 });
});

test("the latest is greatest by step, then time, then value with NaN as 0, in any order of batches", async () => {
  const runId = await newRun();
  const log = (step: number, timestampMs: number, value: number) =>
    logBatch(db, runId, { metrics: [{ key: "m", value, step, timestampMs }] });
  const latest = async () => (await findRun(db, runId))!.metrics["m"];
  await log(2, 5, 1);
  await log(1, 9, 100);
  expect(await latest()).toBe(1);
  await log(2, 6, Number.NaN);
  expect(await latest()).toBeNaN();
  await log(2, 6, -1);
  expect(await latest()).toBeNaN();
  await log(2, 6, 0.5);
  expect(await latest()).toBe(0.5);
  await log(-3, 99, 7);
  expect(await latest()).toBe(0.5);
});

test("a point that comes twice is stored once, a NaN too", async () => {
  const runId = await newRun();
  const metrics = [1, 1, Number.NaN, Number.NaN].map((value) => ({
    key: "m",
    value,
    step: 0,
    timestampMs: 1,
  }));
  await logBatch(db, runId, { metrics });
  await logBatch(db, runId, { metrics });
  expect(await metricHistory(db, runId, "m")).toHaveLength(2);
});

test("a param is written once: the same value again is fine, another undoes the whole batch", async () => {
  const runId = await newRun();
  await logBatch(db, runId, { params: [{ key: "depth", value: "6" }] });
  await logBatch(db, runId, { params: [{ key: "depth", value: "6" }] });
  const batch = {
    params: [
      { key: "a new one", value: "1" },
      { key: "depth", value: "7" },
    ],
    metrics: [{ key: "m", value: 1, step: 0, timestampMs: 1 }],
  };
  await expect(logBatch(db, runId, batch)).rejects.toMatchObject({
    code: "CONFLICT",
    message: `Changing param values is not allowed. Params were already logged='[{'key': 'depth', 'old_value': '6', 'new_value': '7'}]' for run ID='${runId}'.`,
  });
  await expect(database.transaction((tx) => logBatch(tx, runId, batch))).rejects.toMatchObject({
    code: "CONFLICT",
    message: `Changing param values is not allowed. Params were already logged for run ID='${runId}'.`,
  });
  const run = (await findRun(db, runId))!;
  expect(run.params).toEqual({ depth: "6" });
  expect(run.metrics).toEqual({});
});

test("the last tag wins; long values are cut as MLflow cuts them", async () => {
  const runId = await newRun();
  await logBatch(db, runId, {
    tags: [
      { key: "t", value: "first" },
      { key: "t", value: "second" },
      { key: "long", value: "🧠".repeat(8001) },
    ],
    params: [{ key: "long", value: "x".repeat(7000) }],
  });
  await logBatch(db, runId, { tags: [{ key: "t", value: "third" }] });
  const run = (await findRun(db, runId))!;
  expect(run.tags["t"]).toBe("third");
  expect([...run.tags["long"]!]).toHaveLength(8000);
  expect(run.params["long"]).toHaveLength(6000);
});

test("a batch of any size is one statement", async () => {
  const runId = await newRun();
  let queries = 0;
  const counting = db.withPlugin({
    transformQuery: ({ node }) => {
      queries += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const metrics = Array.from({ length: 1000 }, (_, i) => ({
    key: `m${i}`,
    value: i,
    step: 0,
    timestampMs: 1,
  }));
  await logBatch(counting, runId, { metrics });
  expect(queries).toBe(1);
  expect(Object.keys((await findRun(db, runId))!.metrics)).toHaveLength(1000);
});

test("the view experiment_tracking shows a run with its latest metrics", async () => {
  const runId = await newRun();
  await logBatch(db, runId, {
    metrics: [
      { key: "auc", value: 0.9, step: 1, timestampMs: 1 },
      { key: "auc", value: 0.95, step: 2, timestampMs: 2 },
      { key: "loss", value: Number.NaN, step: 1, timestampMs: 1 },
    ],
    params: [{ key: "depth", value: "6" }],
  });
  const row = await db
    .selectFrom("experiment_tracking")
    .select(["experiment_name", "params", "metrics", "tags"])
    .where("run_id", "=", runId)
    .executeTakeFirstOrThrow();
  expect(row).toEqual({
    experiment_name: "tests",
    params: { depth: "6" },
    metrics: { auc: 0.95, loss: "NaN" },
    tags: {},
  });
});
