import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { ensureExperiment } from "../../src/tracking/experiment-queries.ts";
import { logInputs } from "../../src/tracking/input-queries.ts";
import { logBatch } from "../../src/tracking/log-batch.ts";
import { insertRun, type NewRun } from "../../src/tracking/run-queries.ts";
import { type RunSearch, searchRuns } from "../../src/tracking/search-runs-queries.ts";
import { testDatabase } from "../support/database.ts";
import { heldClock } from "../support/held-clock.ts";

const AT = Date.parse("2026-11-25T10:00:00Z");
const db = (await testDatabase()).kysely;
let first: number;
let second: number;

type Made = Partial<Omit<NewRun, "runId">> &
  Readonly<{
    metrics?: Readonly<Record<string, number>>;
    params?: Readonly<Record<string, string>>;
    tags?: Readonly<Record<string, string>>;
  }>;

async function make(runId: string, { metrics = {}, params = {}, tags = {}, ...run }: Made) {
  const defaults = { experimentId: first, name: runId, user: "ann", status: "FINISHED" } as const;
  const times = { startedAt: new Date(AT), endedAt: null, recordDigest: null };
  await insertRun(db, { runId, ...defaults, ...times, ...run });
  const entries = (of: Readonly<Record<string, string>>) =>
    Object.entries(of).map(([key, value]) => ({ key, value }));
  const points = Object.entries(metrics);
  await logBatch(db, runId, {
    metrics: points.map(([key, value]) => ({ key, value, step: 3, timestampMs: AT })),
    params: entries(params),
    tags: entries(tags),
  });
}

beforeAll(async () => {
  first = await ensureExperiment(db, "first", new Date(AT));
  second = await ensureExperiment(db, "second", new Date(AT));
  const startedAt = (ms: number) => new Date(AT + ms);
  await make("a", {
    startedAt: startedAt(1),
    endedAt: startedAt(1000),
    metrics: { auc: 0.9, "loss/val": 1 },
    params: { lr: "0.1", "a b": "x", path: "C:\\%" },
    tags: { team: "Red", note: "it''s" },
  });
  await make("b", {
    startedAt: startedAt(2),
    metrics: { auc: 0.5 },
    params: { lr: "0.01", path: "C:\\dir" },
    tags: { team: "red" },
    user: "bob",
  });
  await make("c", { startedAt: startedAt(3), metrics: { auc: Number.NaN }, status: "FAILED" });
  await make("d", { startedAt: null, metrics: { auc: Infinity }, tags: { team: "blue_1" } });
  await make("e", { experimentId: second, metrics: { auc: 0.7 }, name: "Winner" });
  await make("gone", { metrics: { auc: 1 } });
  await db
    .updateTable("runs")
    .set({ lifecycle_stage: "deleted", deleted_at: new Date(AT) })
    .where("run_id", "=", "gone")
    .execute();
  const input = { sourceType: "local", source: "/x", schema: "{}", profile: null, catalogId: null };
  const clock = heldClock("2026-11-25T10:00:00Z");
  const dataset = (name: string, letter: string, context: string) =>
    ({
      ...{ name, digest: `sha256:${letter.repeat(64)}`, ...input },
      tags: [{ key: "mlflow.data.context", value: context }],
    }) as const;
  await logInputs(
    db,
    { runId: "a", experimentId: first },
    [dataset("iris", "a", "training")],
    clock,
  );
  const both = [dataset("iris", "b", "test"), dataset("Wine", "c", "training")];
  await logInputs(db, { runId: "b", experimentId: first }, both, clock);
});

function search(changes: Partial<RunSearch> = {}) {
  const defaults = { view: "ACTIVE_ONLY", filter: "", orderBy: [], maxResults: 100 } as const;
  return searchRuns(db, {
    experimentIds: [first, second],
    ...defaults,
    pageToken: undefined,
    ...changes,
  });
}

async function found(filter: string, orderBy: readonly string[] = ["run_id"]): Promise<string> {
  const { rows } = await search({ filter, orderBy });
  return rows.map(({ runId }) => runId).join("");
}

test.each([
  ["metrics.auc = 0.9", "a"],
  ["metrics.auc != 0.9", "bcde"],
  ["metrics.auc > 0.5", "ade"],
  ["metrics.auc >= 0.5", "abde"],
  ["metrics.auc < 0.9", "be"],
  ["metrics.auc <= 0.9", "abe"],
  ["metrics.auc >= 1e999", "d"],
  ["metrics.auc > 0.5 AND metrics.auc < 0.9", "e"],
  ["metrics.`loss/val` != 0", "a"],
  ["metrics.missing != 0", ""],
  ["params.lr = '0.1'", "a"],
  ["params.lr != '0.1'", "b"],
  ["params.lr LIKE '0.%'", "ab"],
  ["params.lr LIKE '0._'", "a"],
  ["params.lr IS NULL", "cde"],
  ["params.lr IS NOT NULL", "ab"],
  ["params.lr IS NULL AND params.lr = '0.1'", ""],
  ["params.'a b' = 'x'", "a"],
  ["params.path LIKE 'C:\\%'", "ab"],
  ["params.path LIKE 'C:\\\\%'", ""],
  ["tags.team = 'red'", "b"],
  ["tags.team LIKE 'red'", "b"],
  ["tags.team ILIKE 'RED'", "ab"],
  ["tags.team ILIKE '%E_1'", "d"],
  ["tags.note = 'it''s'", "a"],
  ["tags.team IS NULL", "ce"],
  ["tags.missing != 'x'", ""],
  ["status = 'FAILED'", "c"],
  ["status != 'FAILED'", "abde"],
  ["attributes.status LIKE 'F%'", "abcde"],
  ["run_id IN ('a', 'c', 'gone')", "ac"],
  ["run_id NOT IN ('a', 'c')", "bde"],
  ["run_id ILIKE 'A'", "a"],
  ["run_name = 'Winner'", "e"],
  ["`Run name` ILIKE 'winner'", "e"],
  ["user_id = 'bob'", "b"],
  ["artifact_uri LIKE '%/a/artifacts'", "a"],
  [`start_time >= ${AT + 2}`, "bc"],
  [`start_time < ${AT + 2}`, "ae"],
  [`start_time = ${AT + 1}`, "a"],
  [`attributes.Created != ${AT + 1}`, "bce"],
  [`start_time > ${AT}.5`, "abc"],
  ["start_time > 1e300", ""],
  ["start_time > -1e300", "abce"],
  ["end_time > 0", "a"],
  ["dataset.name = 'iris'", "ab"],
  ["dataset.name != 'iris'", "b"],
  ["dataset.name ILIKE 'WINE'", "b"],
  ["datasets.context = 'training'", "ab"],
  ["datasets.context IN ('test', 'x')", "b"],
  [`dataset.digest = 'sha256:${"a".repeat(64)}'`, "a"],
  ["dataset.name = 'iris' AND dataset.context NOT IN ('training')", "b"],
  ["metrics.auc > 0 AND tags.team ILIKE 'red' AND params.lr = '0.01' AND status = 'FINISHED'", "b"],
])("%s finds %s", async (filter, expected) => {
  expect(await found(filter)).toBe(expected);
  // The same rows when the fields of the filter are joined for the order.
  const byAll = ["metrics.auc", "params.lr DESC", "params.path", "tags.team", "start_time"];
  expect([...(await found(filter, byAll))].sort().join("")).toBe(expected);
});

test.each([
  [[], "cbaed"],
  [["metrics.auc"], "beadc"],
  [["metrics.auc DESC"], "daebc"],
  [["metrics.`loss/val` DESC"], "acbed"],
  [["start_time ASC"], "eabcd"],
  [["start_time DESC"], "cbaed"],
  [["params.lr DESC"], "abced"],
  [["tags.team"], "adbce"],
  [["user_id DESC", "run_id DESC"], "bedca"],
  [["run_name"], "eabcd"],
  [["status", "metrics.auc DESC"], "cdaeb"],
  [["end_time", "metrics.auc DESC"], "adebc"],
])("ordered by %s: %s", async (orderBy, expected) => {
  expect(await found("", orderBy)).toBe(expected);
});

test("texts are equal to their last character, also beyond what an index holds", async () => {
  const third = await ensureExperiment(db, "long texts", new Date(AT));
  const start = "é🙂".repeat(63); // 126 characters to PostgreSQL, 189 to JavaScript
  const values = ["", "1", "12", "1🙂", "123", "124", "12 "].map((end) => start + end);
  for (const [i, value] of values.entries()) {
    await make(`long${i}`, { experimentId: third, params: { p: value }, tags: { t: value } });
  }
  for (const [i, value] of values.entries()) {
    for (const filter of [`params.p = '${value}'`, `tags.t = '${value}'`]) {
      for (const orderBy of [["run_id"], ["params.p DESC"]]) {
        const { rows } = await search({ experimentIds: [third], filter, orderBy });
        expect(rows.map(({ runId }) => runId)).toEqual([`long${i}`]);
      }
    }
  }
  const none = await search({ experimentIds: [third], filter: `params.p = '${start}2'` });
  expect(none.rows).toEqual([]);
});

test("experiments and views bound what is found", async () => {
  const ids = async (changes: Partial<RunSearch>) =>
    (await search({ orderBy: ["run_id"], ...changes })).rows.map(({ runId }) => runId).join("");
  expect(await ids({ experimentIds: [second] })).toBe("e");
  expect(await ids({ experimentIds: [] })).toBe("");
  expect(await ids({ experimentIds: [999_999] })).toBe("");
  expect(await ids({ view: "DELETED_ONLY" })).toBe("gone");
  expect(await ids({ view: "ALL" })).toBe("abcdegone");
});

test("a run comes with its latest metrics, params, tags and inputs, sorted by key", async () => {
  await logBatch(db, "a", { metrics: [{ key: "auc", value: 0.9, step: 4, timestampMs: AT + 9 }] });
  await db.insertInto("model_inputs").values({ run_id: "a", model_id: "m-1" }).execute();
  const outputs = [
    { run_id: "a", model_id: "m-2", step: 7 },
    { run_id: "a", model_id: "m-3", step: 1 },
  ];
  await db.insertInto("model_outputs").values(outputs).execute();
  const { rows } = await search({ filter: "run_id IN ('a', 'c', 'd')", orderBy: ["run_id"] });
  expect(rows[0]).toEqual({
    runId: "a",
    experimentId: first,
    name: "a",
    user: "ann",
    status: "FINISHED",
    lifecycleStage: "active",
    artifactUri: `mlflow-artifacts:/${first}/a/artifacts`,
    startedAt: new Date(AT + 1),
    endedAt: new Date(AT + 1000),
    texts: expect.anything(),
  });
  const [a, c, d] = rows.map(({ texts }) =>
    Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, text === null ? null : JSON.parse(text)]),
    ),
  );
  expect(a).toEqual({
    metrics: [
      { key: "auc", value: 0.9, step: 4, timestamp: AT + 9 },
      { key: "loss/val", value: 1, step: 3, timestamp: AT },
    ],
    params: [
      { key: "a b", value: "x" },
      { key: "lr", value: "0.1" },
      { key: "path", value: "C:\\%" },
    ],
    tags: [
      { key: "note", value: "it''s" },
      { key: "team", value: "Red" },
    ],
    datasetInputs: [
      {
        dataset: {
          name: "iris",
          digest: `sha256:${"a".repeat(64)}`,
          source_type: "local",
          source: "/x",
          schema: "{}",
        },
        tags: [{ key: "mlflow.data.context", value: "training" }],
      },
    ],
    modelInputs: [{ model_id: "m-1" }],
    modelOutputs: [
      { model_id: "m-2", step: 7 },
      { model_id: "m-3", step: 1 },
    ],
  });
  expect(c).toMatchObject({ metrics: [{ value: "NaN" }], params: null, datasetInputs: null });
  expect(d).toMatchObject({ metrics: [{ value: "Infinity" }] });
  expect(rows[2]!.startedAt).toBeNull();
});

test("pages follow each other whatever the order, and end without a token", async () => {
  const orders = fc.uniqueArray(
    fc.constantFrom("metrics.auc", "start_time", "params.lr", "tags.team", "end_time", "status"),
    { maxLength: 3 },
  );
  const way = fc.constantFrom("", " DESC");
  const property = fc.asyncProperty(
    orders,
    way,
    fc.integer({ min: 1, max: 5 }),
    async (by, to, maxResults) => {
      const orderBy = by.map((field) => field + to);
      const all = (await search({ orderBy })).rows.map(({ runId }) => runId);
      const paged: string[] = [];
      let pageToken: string | undefined;
      do {
        const page = await search({ orderBy, maxResults, pageToken });
        paged.push(...page.rows.map(({ runId }) => runId));
        pageToken = page.nextPageToken ?? undefined;
      } while (pageToken !== undefined);
      expect(paged).toEqual(all);
    },
  );
  await fc.assert(property, { numRuns: 30 });
});

test("a token goes only with its filter, order, experiments and view", async () => {
  const { nextPageToken } = await search({ maxResults: 1 });
  const pageToken = nextPageToken!;
  await expect(search({ maxResults: 2, pageToken })).resolves.toMatchObject({ rows: [{}, {}] });
  for (const changes of [
    { filter: "status = 'FINISHED'" },
    { orderBy: ["run_id"] },
    { experimentIds: [first] },
    { view: "ALL" },
  ] as const) {
    await expect(search({ pageToken, ...changes })).rejects.toThrow("Invalid page token");
  }
});

test("the size of a page has bounds", async () => {
  await expect(search({ maxResults: 0 })).rejects.toThrow(
    "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer",
  );
  await expect(search({ maxResults: 50_001 })).rejects.toThrow("at most 50000");
  await expect(search({ maxResults: 50_000 })).resolves.toMatchObject({ nextPageToken: null });
});

test("the number of queries does not grow with the runs", async () => {
  const count = async (maxResults: number) => {
    let queries = 0;
    const counted = db.withPlugin({
      transformQuery: ({ node }) => {
        queries += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    await searchRuns(counted, {
      experimentIds: [first, second],
      view: "ACTIVE_ONLY",
      filter: "",
      orderBy: [],
      maxResults,
      pageToken: undefined,
    });
    return queries;
  };
  expect(await count(1)).toBe(await count(3));
});
