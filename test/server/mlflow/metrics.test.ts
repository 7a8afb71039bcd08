import { beforeAll, expect, test } from "vitest";
import { testServer } from "../../support/server.ts";

const { mlflow, send } = await testServer();

type Point = Readonly<{ key: string; value: number | string; timestamp: number; step: number }>;
type Reply = Readonly<{
  metrics?: readonly (Point & { run_id?: string })[];
  next_page_token?: string;
}>;

async function newRun(points: readonly object[]): Promise<string> {
  const made = await mlflow("POST", "runs/create", { experiment_id: "0" });
  const { run_id } = made.json<{ run: { info: { run_id: string } } }>().run.info;
  for (let from = 0; from < points.length; from += 1000) {
    const metrics = points.slice(from, from + 1000);
    const reply = await mlflow("POST", "runs/log-batch", { run_id, metrics });
    expect(reply.text).toBe("{}");
  }
  return run_id;
}

async function history(fields: Record<string, unknown>): Promise<Reply> {
  return (await mlflow("GET", "metrics/get-history", fields)).json<Reply>();
}

async function interval(fields: Record<string, unknown>): Promise<Reply> {
  const reply = await mlflow("GET", "metrics/get-history-bulk-interval", fields);
  return reply.json<Reply>();
}

const MIXED = [
  { key: "m", value: 5, timestamp: 2, step: 0 },
  { key: "m", value: 1, timestamp: 1, step: 7 },
  { key: "m", value: "NaN", timestamp: 1, step: 3 },
  { key: "m", value: -0.5, timestamp: 1, step: 3 },
  { key: "m", value: 0.5, timestamp: 1, step: 3 },
  { key: "m", value: "Infinity", timestamp: 1, step: 3 },
  { key: "m", value: "-Infinity", timestamp: 1, step: 3 },
  { key: "m", value: 2, timestamp: 1, step: -9 },
  { key: "m", value: 2, timestamp: 1, step: -9 },
  { key: "other", value: 2, timestamp: 1, step: 0 },
];
const IN_ORDER: readonly [number, number, number | string][] = [
  [1, -9, 2],
  [1, 3, "-Infinity"],
  [1, 3, -0.5],
  [1, 3, "NaN"],
  [1, 3, 0.5],
  [1, 3, "Infinity"],
  [1, 7, 1],
  [2, 0, 5],
];
const SORTED = IN_ORDER.map(([timestamp, step, value]) => ({ key: "m", value, timestamp, step }));
let mixed: string;
/** 1000 points of one step, and 100 points of steps 0 to 990. */
let flat: string;
let stepped: string;

beforeAll(async () => {
  mixed = await newRun(MIXED);
  const many = Array.from({ length: 1000 }, (_, i) => ({ key: "m", value: i, timestamp: i }));
  flat = await newRun(many);
  stepped = await newRun(many.slice(0, 100).map((point, i) => ({ ...point, step: 10 * i })));
});

test("a history is in order of time, step and value, NaN counting as 0; each point once", async () => {
  const fields = { run_id: mixed, metric_key: "m" };
  expect(await history(fields)).toEqual({ metrics: SORTED });
  expect(await history({ ...fields, max_results: 25_000 })).toEqual({ metrics: SORTED });
  expect(await history({ run_uuid: mixed, metric_key: "m", max_results: 8 })).toEqual({
    metrics: SORTED,
  });
});

test.each([1, 2, 3, 7])("pages of %i are the history, and the last has no token", async (size) => {
  const fields = { run_id: mixed, metric_key: "m", max_results: size };
  const points: unknown[] = [];
  let token: string | undefined;
  do {
    const page = await history(token === undefined ? fields : { ...fields, page_token: token });
    expect(page.metrics!.length).toBeLessThanOrEqual(size);
    points.push(...page.metrics!);
    token = page.next_page_token;
  } while (token !== undefined);
  expect(points).toEqual(SORTED);
});

test("an unknown run or key has no points; a deleted run keeps its own", async () => {
  expect(await history({ run_id: "nobody", metric_key: "m" })).toEqual({});
  expect(await history({ run_id: mixed, metric_key: "none" })).toEqual({});
  const run_id = await newRun([{ key: "m", value: 1, timestamp: 1 }]);
  await mlflow("POST", "runs/delete", { run_id });
  expect((await history({ run_id, metric_key: "m" })).metrics).toHaveLength(1);
});

test.each([
  [{ metric_key: "m" }, "required parameter 'run_id'"],
  [{ run_id: "r" }, "required parameter 'metric_key'"],
  [{ run_id: "r", metric_key: "m", max_results: 0 }, "It must be a positive integer"],
  [{ run_id: "r", metric_key: "m", max_results: -5 }, "It must be a positive integer"],
  [{ run_id: "r", metric_key: "m", max_results: "x" }, "\"x\" for parameter 'max_results'"],
  [{ run_id: "r", metric_key: "m", page_token: "x" }, "Invalid page token"],
])("get-history with %j is 400", async (fields, phrase) => {
  const reply = await mlflow("GET", "metrics/get-history", fields);
  expect([reply.status, reply.json()["error_code"]]).toEqual([400, "INVALID_PARAMETER_VALUE"]);
  expect(reply.json()["message"]).toContain(phrase);
});

test("a token goes only with its run and key", async () => {
  const first = await history({ run_id: mixed, metric_key: "m", max_results: 1 });
  const other = { run_id: flat, metric_key: "m", page_token: first.next_page_token };
  expect((await mlflow("GET", "metrics/get-history", other)).status).toBe(400);
});

test.each([1, 2, 3, 10, 320, 999, 1000, 2500])(
  "an interval of at most %i points keeps the first of equal parts, and the last of all",
  async (max_results) => {
    const reply = await interval({ run_ids: [flat, stepped], metric_key: "m", max_results });
    for (const [run_id, size] of [
      [flat, 1000],
      [stepped, 100],
    ] as const) {
      const times = reply.metrics!.filter((p) => p.run_id === run_id).map((p) => p.timestamp);
      const parts = Math.min(size, max_results);
      const sizes = Array.from({ length: parts }, (_, i) => Math.ceil((size - i) / parts));
      const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, n) => sum + n, 0));
      expect(times).toEqual([...starts.slice(0, -1), size - 1]);
    }
  },
);

test("of the last part of an interval, the last point is kept", async () => {
  const of = async (run_ids: string, max_results: number) =>
    (await interval({ run_ids, metric_key: "m", max_results })).metrics!.map((p) => p.timestamp);
  expect(await of(stepped, 1)).toEqual([99]);
  expect(await of(stepped, 5)).toEqual([0, 20, 40, 60, 99]);
  expect(await of(stepped, 7)).toEqual([0, 15, 30, 44, 58, 72, 99]);
});

test("an interval is by step, its ends included; runs follow each other as they were asked for", async () => {
  const all = await interval({ run_ids: [mixed], metric_key: "m" });
  expect(all.metrics!.map(({ step, value }) => [step, value])).toEqual([
    [-9, 2],
    [0, 5],
    [3, "-Infinity"],
    [3, -0.5],
    [3, "NaN"],
    [3, 0.5],
    [3, "Infinity"],
    [7, 1],
  ]);
  expect(all.metrics![0]).toEqual({ ...SORTED[0], run_id: mixed });
  const some = await interval({
    ...{ run_ids: [stepped, mixed, "nobody"], metric_key: "m", start_step: 0, end_step: 20 },
  });
  const steps = (run: string) => some.metrics!.filter((p) => p.run_id === run).map((p) => p.step);
  expect(steps(stepped)).toEqual([0, 10, 20]);
  expect(steps(mixed)).toEqual([0, 3, 3, 3, 3, 3, 7]);
  expect([...new Set(some.metrics!.map(({ run_id }) => run_id))]).toEqual([stepped, mixed]);
  const turned = await interval({ run_ids: [mixed, stepped, mixed], metric_key: "m" });
  expect([...new Set(turned.metrics!.map(({ run_id }) => run_id))]).toEqual([mixed, stepped]);
  expect(turned.metrics).toHaveLength(all.metrics!.length + 100);
  expect(await interval({ run_ids: "nobody", metric_key: "m" })).toEqual({});
});

test.each([
  [{ metric_key: "m" }, "required parameter 'run_ids'"],
  [{ run_ids: "r" }, "required parameter 'metric_key'"],
  [{ run_ids: Array(101).fill("r"), metric_key: "m" }, "at most 100 run_ids. Received 101"],
  [{ run_ids: "r", metric_key: "m", max_results: 0 }, "max_results must be between 1 and 2500"],
  [{ run_ids: "r", metric_key: "m", max_results: 2501 }, "max_results must be between 1 and 2500"],
  [{ run_ids: "r", metric_key: "m", start_step: 1 }, "both must be specified"],
  [{ run_ids: "r", metric_key: "m", end_step: 1 }, "both must be specified"],
  [
    { run_ids: "r", metric_key: "m", start_step: 2, end_step: 1 },
    "end_step must be greater than start_step. Found start_step=2 and end_step=1.",
  ],
])("get-history-bulk-interval with %j is 400", async (fields, phrase) => {
  const reply = await mlflow("GET", "metrics/get-history-bulk-interval", fields);
  expect(reply.status).toBe(400);
  expect(reply.json()["message"]).toContain(phrase);
});

test("the edges of an interval request pass", async () => {
  const run_ids = [flat, ...Array(99).fill("nobody")];
  const reply = await interval({ run_ids, metric_key: "m", start_step: 0, end_step: 0 });
  expect(reply.metrics).toHaveLength(1000);
});

test("the history of several runs is for the web UI alone", async () => {
  const query = `metrics/get-history-bulk?run_id=${mixed}&run_id=${stepped}&metric_key=m`;
  expect((await send("GET", `/api/2.0/mlflow/${query}`)).status).toBe(404);
  const url = `/ajax-api/2.0/mlflow/${query}`;
  const { metrics } = (await send("GET", url)).json<Reply>();
  const runs = [mixed, stepped].sort();
  expect(metrics!.map(({ run_id }) => run_id)).toEqual(
    runs.flatMap((run) => Array(run === mixed ? SORTED.length : 100).fill(run)),
  );
  expect(metrics!.filter(({ run_id }) => run_id === mixed)).toEqual(
    SORTED.map((point) => ({ ...point, run_id: mixed })),
  );
  expect((await send("GET", `${url}&max_results=3`)).json<Reply>().metrics).toHaveLength(3);
  const many = `/ajax-api/2.0/mlflow/metrics/get-history-bulk?metric_key=m${"&run_id=r".repeat(101)}`;
  expect((await send("GET", many)).text).toContain("cannot specify more than 100 run_ids");
  const bulk = "/ajax-api/2.0/mlflow/metrics/get-history-bulk";
  const noRun = await send("GET", `${bulk}?metric_key=m`);
  expect([noRun.status, noRun.json()["message"]]).toEqual([
    400,
    "GetMetricHistoryBulk request must specify at least one run_id.",
  ]);
  const noKey = await send("GET", `${bulk}?run_id=r`);
  expect([noKey.status, noKey.json()["message"]]).toEqual([
    400,
    "GetMetricHistoryBulk request must specify a metric_key.",
  ]);
});
