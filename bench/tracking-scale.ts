import { readFileSync } from "node:fs";
import { sql } from "kysely";
import { realEffects } from "../src/core/effects.ts";
import { type OpenedDatabase, openDatabase } from "../src/store/database.ts";
import { databaseParams } from "../src/store/params.ts";
import { type RunSearch, searchRuns } from "../src/tracking/search-runs-queries.ts";
import { startServer } from "../test/interop/postgresql-server.ts";
import { BUSY_SHARE, watchOthers } from "./compare-times.ts";
import { type BenchCase, reportBench } from "./result.ts";
import { EXPERIMENTS, makeRuns } from "./tracking-scale-runs.ts";

/**
 * Pages of 100 runs of 100,000 and of a million, on PostgreSQL, as `runs/search` reads them: with all
 * that was logged to each run, in process, since the time of HTTP is the same for both sizes and would
 * make them more alike. Both are asked in turn, request by request, so that what else runs on the machine
 * slows both. Every tenth request is for a first page, the others go on by its token. Bars: 95 of 100
 * within 300 ms; at a million at most 1.2 times that where an index gives the runs in their order. A
 * filter by a value that one run in a hundred has is answered from its few matches while there are few,
 * and by looking at the latest 10,000 runs of a million: there the bar is 300 ms at both sizes.
 *
 * The ratio is of the 95th percentiles on a machine of our own; on one that others load, where those
 * tell when it was busy, it is of the CPU seconds of this process and of PostgreSQL's. Both are kept.
 *
 * The server gets 1 GB of shared buffers and 32 MB to sort in; else it plans and runs as PostgreSQL
 * comes. Making the runs takes some minutes, and 7 GB in the temporary folder.
 *
 *     npm run bench bench/tracking-scale.ts
 */
const FEW = 100_000;
const MANY = 1_000_000;
const WARM_UP = 20;
const REQUESTS = 200;
const PAGES_BEFORE_FIRST = 10;
const SETTINGS = {
  shared_buffers: "1GB",
  work_mem: "32MB",
  max_wal_size: "4GB",
};

const [one] = EXPERIMENTS;
const FILTER = "metrics.m1 > 0.5";
const SEARCHES: readonly Readonly<{
  name: string;
  filter?: string;
  orderBy?: string;
  experimentIds?: readonly number[];
  most?: "1.2 times" | "300 ms";
}>[] = [
  { name: "filter and order by one metric", filter: FILTER, orderBy: "metrics.m1 DESC" },
  { name: "filter by a metric, order by another", filter: FILTER, orderBy: "metrics.m2 DESC" },
  {
    name: "the same in all experiments",
    ...{ filter: FILTER, orderBy: "metrics.m2 DESC", experimentIds: EXPERIMENTS },
  },
  { name: "filter by a metric, latest first", filter: FILTER },
  { name: "order by a metric", orderBy: "metrics.m2 DESC" },
  { name: "latest first" },
  { name: "a param of 100 values", filter: "params.p1 = 'v7'", most: "300 ms" },
  { name: "a tag of 100 values", filter: "tags.t1 = 'v7'", most: "300 ms" },
  { name: "a param that no run has so", filter: "params.p1 = 'none'", most: "300 ms" },
];

const stop = await startServer(SETTINGS);
try {
  const few = await openRuns(FEW);
  const many = await openRuns(MANY);
  const cases: BenchCase[] = [];
  for (const {
    name,
    filter = "",
    orderBy,
    experimentIds = [one],
    most = "1.2 times",
  } of SEARCHES) {
    const search = { experimentIds, filter, orderBy: orderBy === undefined ? [] : [orderBy] };
    cases.push(
      ...(await compare(name, most, [await pages(few, search), await pages(many, search)])),
    );
  }
  await few.close();
  await many.close();
  reportBench("tracking-scale", cases);
} finally {
  stop();
}

async function openRuns(count: number): Promise<OpenedDatabase> {
  const url = await makeRuns(process.env["DUETMIND_TEST_DATABASE_URL"]!, count);
  const params = databaseParams.parse({ pool_size: 1 });
  return openDatabase({ root: "", env: { DATABASE_URL: url }, params, effects: realEffects });
}

type Pages = Readonly<{
  /** Asks for the next page. */
  next(): Promise<Readonly<{ ms: number; cpuSeconds: number }>>;
  /** CPU seconds so far of the one backend that answers. */
  backendSeconds(): number;
}>;

async function pages(
  { kysely }: OpenedDatabase,
  search: Pick<RunSearch, "experimentIds" | "filter" | "orderBy">,
): Promise<Pages> {
  const common = { ...search, view: "ACTIVE_ONLY", maxResults: 100 } as const;
  const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(kysely);
  const statistics = `/proc/${rows[0]!.pid}/schedstat`;
  const backendSeconds = () => Number(readFileSync(statistics, "utf8").split(" ")[0]) / 1e9;
  let pageToken: string | undefined;
  let asked = 0;
  return {
    backendSeconds,
    async next() {
      if (asked % PAGES_BEFORE_FIRST === 0) pageToken = undefined;
      asked += 1;
      const backend = backendSeconds();
      const cpu = process.cpuUsage();
      const start = performance.now();
      const page = await searchRuns(kysely, { ...common, pageToken });
      const ms = performance.now() - start;
      const { user, system } = process.cpuUsage(cpu);
      pageToken = page.nextPageToken ?? undefined;
      return { ms, cpuSeconds: (user + system) / 1e6 + backendSeconds() - backend };
    },
  };
}

async function compare(
  name: string,
  most: "1.2 times" | "300 ms",
  [few, many]: readonly [Pages, Pages],
): Promise<readonly BenchCase[]> {
  const ask = async (requests: number) => {
    const figures: [Figure[], Figure[]] = [[], []];
    for (let i = 0; i < requests; i++) {
      figures[0].push(await few.next());
      figures[1].push(await many.next());
    }
    return figures;
  };
  await ask(WARM_UP);
  const others = watchOthers(() => few.backendSeconds() + many.backendSeconds());
  const [ofFew, ofMany] = (await ask(REQUESTS)).map(summary) as [Summary, Summary];
  const othersShare = others();
  const p95 = ofMany.p95_ms / ofFew.p95_ms;
  const cpu = ofMany.cpu_ms / ofFew.cpu_ms;
  const byCpu = othersShare > BUSY_SHARE;
  const ratios = {
    ...{ p50: ofMany.p50_ms / ofFew.p50_ms, p95, cpu },
    ...{ held_to_bar: byCpu ? "cpu" : "p95", cpu_share_of_others: othersShare },
  };
  return [
    within300(`${name}: p95 in ms of a page of ${FEW} runs`, ofFew),
    most === "300 ms"
      ? { ...within300(`${name}: p95 in ms of a page of ${MANY} runs`, ofMany), ratios }
      : {
          case: `${name}: a page of ${MANY} runs to that`,
          ours: ofMany,
          peer: { name: `a page of ${FEW} runs`, ...ofFew },
          ratios,
          figure: byCpu ? cpu : p95,
          bar: { op: "<=", value: 1.2 },
        },
  ];
}

function within300(name: string, ours: Summary): BenchCase {
  return {
    case: name,
    ours,
    peer: { name: "limit", p95_ms: 300 },
    figure: ours.p95_ms,
    bar: { op: "<=", value: 300 },
  };
}

type Figure = Awaited<ReturnType<Pages["next"]>>;
type Summary = Readonly<{ p50_ms: number; p95_ms: number; cpu_ms: number }>;

function summary(figures: readonly Figure[]): Summary {
  const sorted = figures.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]!;
  const cpuSeconds = figures.reduce((sum, figure) => sum + figure.cpuSeconds, 0);
  return { p50_ms: at(0.5), p95_ms: at(0.95), cpu_ms: (1000 * cpuSeconds) / figures.length };
}
