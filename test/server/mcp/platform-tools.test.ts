import { expect, test } from "vitest";
import { fixedClock } from "../../../src/core/clock.ts";
import { realEffects } from "../../../src/core/effects.ts";
import { findRecords } from "../../../src/pipelines/register-find.ts";
import { registerRecord } from "../../../src/pipelines/register-records.ts";
import { projectWithRecords, writeStages } from "../../pipelines/register-project.ts";
import { connectInProcess } from "../../support/mcp-client.ts";
import { testServer } from "../../support/server.ts";

const server = await testServer();
const effects = { ...realEffects, clock: fixedClock("2026-11-23T10:00:05Z") };
const project = projectWithRecords();
for (const words of ["first", "second"]) {
  writeStages(project, words);
  for (const record of await findRecords(project, effects)) {
    await registerRecord(project, record, server.database.kysely, effects);
  }
}
const { client, call } = await connectInProcess(server.app);

const experimentId = await server.services.experiments.create({ name: "trials" }, "tester");
/** A run with so many metrics and params. */
async function run(name: string, accuracy: number, entries = 1): Promise<string> {
  const startedAt = new Date("2026-11-20T10:00:00Z");
  const { runId } = await server.services.runs.create(
    { experimentId, name, user: "ann", startedAt, tags: [] },
    "tester",
  );
  const point = { timestampMs: 1, step: 3 };
  await server.services.runs.logBatch(runId, {
    metrics: [{ key: "accuracy", value: accuracy, ...point }],
    params: Array.from({ length: entries }, (_, i) => ({ key: `p${i}`, value: `v${i}` })),
    tags: [],
  });
  return runId;
}
const good = await run("good", 0.9);
const bad = await run("bad", 0.5, 100);
const odd = await run("odd", Number.NaN);

test("every tool says what it is, reads only, and shows its schemas", async () => {
  const { tools } = await client.listTools();
  const names = ["search_runs", "show_run", "list_models", "show_model", "show_dataset"];
  const ours = tools.filter(({ name }) => names.includes(name));
  expect(ours.map(({ name }) => name)).toEqual(names);
  for (const tool of ours) {
    expect(tool.annotations).toMatchObject({ readOnlyHint: true, openWorldHint: false });
    expect(tool.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
    expect(tool.outputSchema).toMatchObject({ type: "object" });
    expect(tool.description!.length).toBeGreaterThan(40);
  }
});

test("runs are found by their metrics, with the latest values", async () => {
  const found = await call("search_runs", {
    experiments: ["trials"],
    filter: "metrics.accuracy > 0.6",
  });
  expect(found.data).toEqual({
    runs: [
      {
        ...{ run_id: good, name: "good", experiment_id: experimentId, experiment: "trials" },
        ...{ status: "RUNNING", user: "ann", started_at: "2026-11-20T10:00:00.000Z" },
        ...{ ended_at: null, metrics: { accuracy: 0.9 }, params: { p0: "v0" }, left_out: 0 },
      },
    ],
    next_cursor: null,
  });
  expect(JSON.parse(found.text)).toEqual(found.data);
  const all = await call("search_runs", { order_by: ["attributes.run_name ASC"] });
  const runs = all.data["runs"] as { name: string; left_out: number; metrics: object }[];
  const ours = runs.filter(({ name }) => ["bad", "good", "odd"].includes(name));
  expect(ours).toMatchObject([
    { name: "bad", left_out: 75 },
    { name: "good", left_out: 0 },
    { name: "odd", metrics: { accuracy: null } },
  ]);
});

test("a run shows all that was logged to it, in parts where it is long", async () => {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const part = await call("show_run", { run_id: bad, max_tokens: 500, cursor });
    expect(part.isError, part.text).toBe(false);
    expect(Buffer.byteLength(part.text)).toBeLessThan(500 * 4);
    const { run, params, next_cursor } = part.data as {
      run: { name: string; experiment: string };
      params: { key: string }[];
      next_cursor: string | null;
    };
    expect(run).toMatchObject({ name: "bad", experiment: "trials" });
    keys.push(...params.map(({ key }) => key));
    cursor = next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(keys.sort()).toEqual(Array.from({ length: 100 }, (_, i) => `p${i}`).sort());
});

test("a list that is too long for the budget goes on with its cursor", async () => {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const part = await call("search_runs", { experiments: ["trials"], max_tokens: 500, cursor });
    expect(part.isError, part.text).toBe(false);
    seen.push(...(part.data["runs"] as { run_id: string }[]).map(({ run_id }) => run_id));
    cursor = (part.data["next_cursor"] as string | null) ?? undefined;
  } while (cursor !== undefined);
  expect(seen.sort()).toEqual([good, bad, odd].sort());
});

test("a run whose metrics and params are longer than the budget shows those that fit", async () => {
  const wide = await run("wide", 0.7);
  await server.services.runs.logBatch(wide, {
    metrics: [],
    params: Array.from({ length: 25 }, (_, i) => ({ key: `long${i}`, value: "x".repeat(900) })),
    tags: [],
  });
  const filter = "attributes.run_name = 'wide'";
  for (const max_tokens of [500, 1_000, 6_000]) {
    const { data, text } = await call("search_runs", { filter, max_tokens });
    expect(Buffer.byteLength(text) / 3, `${max_tokens}`).toBeLessThanOrEqual(max_tokens);
    const [only] = data["runs"] as { metrics: object; params: object; left_out: number }[];
    expect(only!.metrics).toEqual({ accuracy: 0.7 });
    expect(Object.keys(only!.params).length + only!.left_out).toBe(26);
  }
});

test("an error that says what came is cut as other texts are", async () => {
  const { isError, text } = await call("show_run", { run_id: "x".repeat(100_000) });
  expect(isError).toBe(true);
  expect(text).toMatch(/^NOT_FOUND: Run with id=x{900}/);
  expect(text.length).toBeLessThan(1_100);
});

test("models and datasets show where they come from", async () => {
  const models = await call("list_models");
  expect(models.data).toMatchObject({ models: [{ name: "risk", latest_version: 2 }] });
  const newest = await call("show_model", { name: "risk" });
  expect(newest.isError, newest.text).toBe(false);
  expect(newest.data).toMatchObject({
    model: { name: "risk" },
    version: { version: 2, feature_view: { name: "risk" } },
    datasets: [{ name: "patients" }],
  });
  const first = await call("show_model", { name: "risk", version: 1 });
  expect(first.data).toMatchObject({ version: { version: 1 } });
  const dataset = await call("show_dataset", { name: "patients" });
  expect(dataset.data).toMatchObject({ dataset: { name: "patients", version: 2 } });
  const before = await call("show_dataset", { name: "patients", version: 1 });
  expect(before.data).toMatchObject({ dataset: { version: 1 }, schema_changes: [] });
});

test.each([
  ["show_run", { run_id: "nobody" }, "NOT_FOUND: Run with id=nobody not found"],
  ["show_run", {}, "BAD_INPUT: show_run: run_id: expected a string, got nothing"],
  ["show_run", { run_id: "a\0b" }, "expected whole characters and no NUL"],
  ["show_model", { name: "none" }, 'NOT_FOUND: model "none"'],
  ["show_model", { name: "risk", version: 1.5 }, "show_model: version: expected an int"],
  ["show_model", { name: "risk", version: 9 }, "NOT_FOUND"],
  [
    "show_dataset",
    { name: "patients", version: 9 },
    'dataset "patients": expected version 9, got only 1, 2',
  ],
  ["show_dataset", { name: "none" }, 'dataset "none": expected one that is registered, got none'],
  ["list_models", { limt: 3 }, 'expected a known key, got "limt"; did you mean "limit"?'],
  ["list_models", { limit: 1000 }, "list_models: limit: expected at most 100, got 1000"],
  ["list_models", { cursor: "zzz" }, "Invalid page token"],
  ["show_run", { run_id: good, cursor: "-1" }, "cursor: expected the next_cursor"],
  ["search_runs", { filter: "metrics.accuracy >" }, "BAD_INPUT"],
  ["search_runs", { experiments: ["nothing"] }, "nothing"],
])("%s with %j says what is wrong", async (name, args, message) => {
  const reply = await call(name, args);
  expect(reply).toMatchObject({ isError: true, text: expect.stringContaining(message) });
});
