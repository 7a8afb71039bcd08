import startPostgresql from "../test/interop/postgresql-server.ts";
import { createHttpLoad, type HttpLoad, type Sent } from "./http-load.ts";
import { treeUse } from "./process-tree.ts";
import { type BenchCase, reportBench } from "./result.ts";
import {
  atRest,
  freshDatabase,
  postmasterPid,
  startOurs,
  startTheirs,
  type TrackingServer,
} from "./tracking-servers.ts";

/**
 * The tracking server against `mlflow server` 3.17.2: one worker each, both on the PostgreSQL of the
 * interop tests; ours on the embedded database as well. CPU is that of the server's processes and of
 * the database's, by the operating system's account; the load comes from this process and is counted
 * for neither. A case begins when both databases have statistics and have tidied up after the one before.
 *
 *     npm run build && npm run bench bench/tracking.ts
 */
const API = "/api/2.0/mlflow";

/** What one server used for a case, for each request. */
type Use = Readonly<{ requestsPerSecond: number; serverMs: number; databaseMs: number }>;
type Results = Map<string, Use>;

type Measured = Readonly<{
  name: string;
  startCpuSeconds: number;
  idlePssMebibytes: number;
  results: Results;
}>;

/** Every case on one server; `share` of the requests, for the slower one. */
async function measureServer(
  start: () => Promise<TrackingServer>,
  postmaster: number,
  share: number,
): Promise<Measured> {
  const first = await start();
  const startCpuSeconds = treeUse(first.pid).cpuSeconds;
  await new Promise((resolve) => setTimeout(resolve, 5_000)); // idle
  const idlePssMebibytes = treeUse(first.pid).pssMebibytes;
  const load = createHttpLoad(first.url);
  const results: Results = new Map();
  try {
    for (const each of cases) {
      const prepared = await each.prepare(load);
      await load.run(2, 1, prepared); // warm
      await atRest();
      const count = Math.max(Math.round(each.count * share), each.atOnce);
      const before = [treeUse(first.pid), treeUse(postmaster)] as const;
      const wall = performance.now();
      await load.run(count, each.atOnce, prepared);
      const seconds = (performance.now() - wall) / 1000;
      const after = [treeUse(first.pid), treeUse(postmaster)] as const;
      const use = {
        requestsPerSecond: count / seconds,
        serverMs: ((after[0].cpuSeconds - before[0].cpuSeconds) * 1000) / count,
        databaseMs: ((after[1].cpuSeconds - before[1].cpuSeconds) * 1000) / count,
      };
      results.set(each.name, use);
      const figures = Object.values(use).map((value) => value.toFixed(2));
      process.stderr.write(`${first.name}: ${each.name}: ${figures.join(", ")}\n`);
    }
  } finally {
    load.close();
    await first.stop();
  }
  return { name: first.name, startCpuSeconds, idlePssMebibytes, results };
}

type Case = Readonly<{
  name: string;
  /** Bars of the ratio: theirs ÷ ours in CPU, and ours ÷ theirs in requests a second. */
  cpuBar: number;
  rateBar?: number;
  count: number;
  atOnce: number;
  prepare(load: HttpLoad): Promise<(index: number) => Promise<Sent>>;
}>;

async function newRun(load: HttpLoad): Promise<string> {
  const made = await load.post(`${API}/runs/create`, {
    experiment_id: "0",
    start_time: Date.now(),
  });
  return (JSON.parse(made.body) as { run: { info: { run_id: string } } }).run.info.run_id;
}

const metrics = (count: number, index: number) =>
  Array.from({ length: count }, (_, i) => ({
    key: `metric_${i}`,
    value: Math.sin(index * 31 + i),
    timestamp: 1_700_000_000_000 + index,
    step: index,
  }));

let filled: { experiment: string } | undefined;

/** 2,000 runs with 10 metrics, 10 params and 6 tags each. */
async function fill(load: HttpLoad): Promise<string> {
  const name = `filled ${Date.now()}`;
  const made = await load.post(`${API}/experiments/create`, { name });
  const { experiment_id } = JSON.parse(made.body) as { experiment_id: string };
  await load.run(2000, 8, async (index) => {
    const tags = Array.from({ length: 6 }, (_, i) => ({ key: `tag_${i}`, value: `value ${i}` }));
    const body = { experiment_id, start_time: 1_700_000_000_000 + index, tags };
    const run = await load.post(`${API}/runs/create`, body);
    const { info } = (JSON.parse(run.body) as { run: { info: { run_id: string } } }).run;
    const params = Array.from({ length: 10 }, (_, i) => ({ key: `param_${i}`, value: `${i}` }));
    const batch = { run_id: info.run_id, metrics: metrics(10, index), params };
    return load.post(`${API}/runs/log-batch`, batch);
  });
  return experiment_id;
}

function search(name: string, maxResults: number, count: number, more: object): Case {
  return {
    name,
    cpuBar: 15,
    count,
    atOnce: 1,
    async prepare(load) {
      filled ??= { experiment: await fill(load) };
      const body = { experiment_ids: [filled.experiment], max_results: maxResults, ...more };
      return () => load.post(`${API}/runs/search`, body);
    },
  };
}

const filterAndOrder = {
  filter: "metrics.metric_0 > -0.9 and params.param_3 = '3'",
  order_by: ["metrics.metric_1 DESC"],
};

let history: string | undefined;

/** 20,000 points of one metric. */
async function fillHistory(load: HttpLoad): Promise<string> {
  const run_id = await newRun(load);
  await load.run(20, 1, (batch) => {
    const points = Array.from({ length: 1000 }, (_, i) => {
      const step = batch * 1000 + i;
      return { key: "loss", value: 1 / (step + 1), timestamp: 1_700_000_000_000 + step, step };
    });
    return load.post(`${API}/runs/log-batch`, { run_id, metrics: points });
  });
  return run_id;
}

const cases: readonly Case[] = [
  {
    name: "log-batch of 10 metrics, 16 writers",
    cpuBar: 5,
    rateBar: 8,
    count: 6000,
    atOnce: 16,
    async prepare(load) {
      filled = undefined; // another server
      history = undefined;
      const runs: string[] = [];
      for (let i = 0; i < 16; i++) runs.push(await newRun(load));
      return (index) =>
        load.post(`${API}/runs/log-batch`, {
          run_id: runs[index % 16],
          metrics: metrics(10, index),
        });
    },
  },
  {
    name: "log-batch of 500 keys",
    cpuBar: 6,
    count: 300,
    atOnce: 1,
    async prepare(load) {
      const run_id = await newRun(load);
      return (index) =>
        load.post(`${API}/runs/log-batch`, { run_id, metrics: metrics(500, index) });
    },
  },
  {
    name: "log-metric",
    cpuBar: 6,
    count: 4000,
    atOnce: 4,
    async prepare(load) {
      const run_id = await newRun(load);
      return (index) =>
        load.post(`${API}/runs/log-metric`, { run_id, ...metrics(1, index)[0], key: "loss" });
    },
  },
  {
    name: "runs/create",
    cpuBar: 6,
    count: 3000,
    atOnce: 4,
    prepare: async (load) => (index) =>
      load.post(`${API}/runs/create`, {
        experiment_id: "0",
        start_time: 1_700_000_000_000 + index,
      }),
  },
  search("runs/search, 100 of 2,000 runs", 100, 400, {}),
  search("runs/search, 100, filter and order", 100, 400, filterAndOrder),
  search("runs/search, 1,000 of 2,000 runs", 1000, 120, {}),
  search("runs/search, 1,000, filter and order", 1000, 120, filterAndOrder),
  {
    name: "get-history of 20,000 points",
    cpuBar: 10,
    count: 40,
    atOnce: 1,
    async prepare(load) {
      history ??= await fillHistory(load);
      const query = `run_id=${history}&metric_key=loss&max_results=25000`;
      return () => load.get(`${API}/metrics/get-history?${query}`);
    },
  },
  {
    name: "get-history-bulk-interval, 320 of 20,000 points",
    cpuBar: 3,
    count: 150,
    atOnce: 1,
    async prepare(load) {
      history ??= await fillHistory(load);
      const query = `run_ids=${history}&metric_key=loss&max_results=320`;
      return () => load.get(`${API}/metrics/get-history-bulk-interval?${query}`);
    },
  },
];

function compare(ours: Measured, theirs: Measured): BenchCase[] {
  const compared = [
    {
      case: `${ours.name}: start to first reply, CPU of theirs ÷ ours`,
      ours: { cpu_seconds: ours.startCpuSeconds },
      peer: { name: theirs.name, cpu_seconds: theirs.startCpuSeconds },
      figure: theirs.startCpuSeconds / ours.startCpuSeconds,
      bar: { op: ">=", value: 5 },
    },
    {
      case: `${ours.name}: idle memory (PSS), ours ÷ theirs`,
      ours: { mebibytes: ours.idlePssMebibytes },
      peer: { name: theirs.name, mebibytes: theirs.idlePssMebibytes },
      figure: ours.idlePssMebibytes / theirs.idlePssMebibytes,
      bar: { op: "<=", value: 0.5 },
    },
  ] as BenchCase[];
  for (const { name, cpuBar, rateBar } of cases) {
    const [our, their] = [ours.results.get(name)!, theirs.results.get(name)!];
    const figures = { ours: our, peer: { name: theirs.name, ...their } };
    compared.push({
      case: `${ours.name}: ${name}, CPU with the database's, theirs ÷ ours`,
      ...figures,
      figure: (their.serverMs + their.databaseMs) / (our.serverMs + our.databaseMs),
      bar: { op: ">=", value: cpuBar },
    });
    if (rateBar === undefined) continue;
    compared.push({
      case: `${ours.name}: ${name}, requests a second, ours ÷ theirs`,
      ...figures,
      figure: our.requestsPerSecond / their.requestsPerSecond,
      bar: { op: ">=", value: rateBar },
    });
  }
  return compared;
}

const stop = await startPostgresql();
try {
  const postmaster = await postmasterPid();
  const ours = await measureServer(
    async () => startOurs(await freshDatabase("bench_ours")),
    postmaster,
    1,
  );
  const embedded = await measureServer(() => startOurs(), postmaster, 1);
  const theirs = await measureServer(
    async () => startTheirs(await freshDatabase("bench_theirs")),
    postmaster,
    0.1,
  );
  reportBench("tracking", [...compare(ours, theirs), ...compare(embedded, theirs)]);
} finally {
  stop();
}
