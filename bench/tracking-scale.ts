import { realEffects } from "../src/core/effects.ts";
import { type OpenedDatabase, openDatabase } from "../src/store/database.ts";
import { databaseParams } from "../src/store/params.ts";
import { type RunSearch, searchRuns } from "../src/tracking/search-runs-queries.ts";
import { startServer } from "../test/interop/postgresql-server.ts";
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
 * The server gets 1 GB of shared buffers and 32 MB to sort in; else it plans and runs as PostgreSQL
 * comes. Making the runs takes some minutes, and 7 GB in the temporary folder.
 *
 *     npx tsx bench/tracking-scale.ts
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
    cases.push(...(await compare(name, most, [pages(few, search), pages(many, search)])));
  }
  await few.close();
  await many.close();
  reportBench("tracking-scale", cases);
} finally {
  stop();
}

async function openRuns(count: number): Promise<OpenedDatabase> {
  const url = await makeRuns(process.env["DUETMIND_TEST_DATABASE_URL"]!, count);
  const params = databaseParams.parse({});
  return openDatabase({ root: "", env: { DATABASE_URL: url }, params, effects: realEffects });
}

/** Asks for the next page at each call; gives the milliseconds that it took. */
function pages(
  { kysely }: OpenedDatabase,
  search: Pick<RunSearch, "experimentIds" | "filter" | "orderBy">,
): () => Promise<number> {
  const common = { ...search, view: "ACTIVE_ONLY", maxResults: 100 } as const;
  let pageToken: string | undefined;
  let asked = 0;
  return async () => {
    if (asked % PAGES_BEFORE_FIRST === 0) pageToken = undefined;
    asked += 1;
    const start = performance.now();
    const page = await searchRuns(kysely, { ...common, pageToken });
    const ms = performance.now() - start;
    pageToken = page.nextPageToken ?? undefined;
    return ms;
  };
}

async function compare(
  name: string,
  most: "1.2 times" | "300 ms",
  [few, many]: readonly [() => Promise<number>, () => Promise<number>],
): Promise<readonly BenchCase[]> {
  const times: [number[], number[]] = [[], []];
  for (let i = 0; i < WARM_UP + REQUESTS; i++) {
    const [a, b] = [await few(), await many()];
    if (i < WARM_UP) continue;
    times[0].push(a);
    times[1].push(b);
  }
  const [ofFew, ofMany] = [percentiles(times[0]), percentiles(times[1])];
  const ratios = { p50: ofMany.p50_ms / ofFew.p50_ms, p95: ofMany.p95_ms / ofFew.p95_ms };
  return [
    within300(`${name}: p95 in ms of a page of ${FEW} runs`, ofFew),
    most === "300 ms"
      ? { ...within300(`${name}: p95 in ms of a page of ${MANY} runs`, ofMany), ratios }
      : {
          case: `${name}: p95 of a page of ${MANY} runs to that`,
          ours: ofMany,
          peer: { name: `a page of ${FEW} runs`, ...ofFew },
          ratios,
          figure: ratios.p95,
          bar: { op: "<=", value: 1.2 },
        },
  ];
}

function within300(name: string, ours: Percentiles): BenchCase {
  return {
    case: name,
    ours,
    peer: { name: "limit", p95_ms: 300 },
    figure: ours.p95_ms,
    bar: { op: "<=", value: 300 },
  };
}

type Percentiles = Readonly<{ p50_ms: number; p95_ms: number }>;

function percentiles(times: readonly number[]): Percentiles {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]!;
  return { p50_ms: at(0.5), p95_ms: at(0.95) };
}
