import fc from "fast-check";
import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { ensureExperiment } from "../../src/tracking/experiment-queries.ts";
import { searchRuns } from "../../src/tracking/search-runs-queries.ts";
import { testDatabase } from "../support/database.ts";

const db = (await testDatabase()).kysely;

type MadeRun = Readonly<{
  runId: string;
  experiment: number;
  loss: number | null;
  size: number | null;
}>;

/** Losses with many ties, at both ends too; a third of the runs are in another experiment. */
const LOSSES = [-Infinity, -1, 0, 0, 0.5, 1, 1, 2, 3, Infinity, Number.NaN, null];
const made: MadeRun[] = [];
let experiments: readonly [number, number];

beforeAll(async () => {
  const at = new Date("2026-11-25T10:00:00Z");
  experiments = [await ensureExperiment(db, "one", at), await ensureExperiment(db, "two", at)];
  for (let i = 0; i < 400; i++) {
    made.push({
      runId: `r${String(i).padStart(3, "0")}`,
      experiment: i % 3 === 0 ? experiments[1] : experiments[0],
      loss: LOSSES[(i * 7) % LOSSES.length]! as number | null,
      size: i % 5 === 0 ? null : (i * 31) % 50,
    });
  }
  await sql`INSERT INTO duetmind.runs
      (run_id, experiment_id, run_name, status, artifact_uri, started_at)
    SELECT id, experiment, id, 'FINISHED', 'mlflow-artifacts:/x', ${at}
    FROM unnest(${made.map(({ runId }) => runId)}::text[],
      ${made.map(({ experiment }) => experiment)}::bigint[]) AS n(id, experiment)`.execute(db);
  for (const key of ["loss", "size"] as const) {
    const logged = made.filter((run) => run[key] !== null);
    await sql`INSERT INTO duetmind.latest_metrics (run_id, key, value, timestamp_ms, step)
      SELECT id, ${key}, value, 0, 0 FROM unnest(${logged.map(({ runId }) => runId)}::text[],
        ${logged.map((run) => run[key])}::double precision[]) AS n(id, value)`.execute(db);
  }
});

/** Values, then NaN, then none; equal ones by their id, as all started at once. */
function expected(direction: string, passes: (run: MadeRun) => boolean): string[] {
  const rank = (loss: number | null) => (loss === null ? 2 : Number.isNaN(loss) ? 1 : 0);
  const compare = (a: MadeRun, b: MadeRun): number => {
    if (rank(a.loss) !== rank(b.loss)) return rank(a.loss) - rank(b.loss);
    if (rank(a.loss) > 0 || a.loss === b.loss) return a.runId < b.runId ? -1 : 1;
    return a.loss! < b.loss! === (direction === "ASC") ? -1 : 1;
  };
  return made
    .filter(passes)
    .sort(compare)
    .map(({ runId }) => runId);
}

type Passes = (loss: number, size: number) => boolean;

/** Filters that most runs pass, some, few and none, and some about the value of the order itself. */
const FILTERS: readonly (readonly [filter: string, passes: Passes])[] = [
  ["", () => true],
  ["metrics.size >= 0", (_, size) => size >= 0],
  ["metrics.size < 10", (_, size) => size < 10],
  ["metrics.size = 7", (_, size) => size === 7],
  ["metrics.size = 51", () => false],
  ["metrics.loss > 0", (loss) => loss > 0],
  ["metrics.loss <= 1 and metrics.size > 5", (loss, size) => loss <= 1 && size > 5],
];

test("pages in the order of a metric hold every run once, whatever passes and where it is", async () => {
  const property = fc.asyncProperty(
    fc.constantFrom(...FILTERS),
    fc.constantFrom("ASC", "DESC"),
    fc.constantFrom("one", "two", "both"),
    fc.integer({ min: 1, max: 40 }),
    async ([filter, passes], direction, where, maxResults) => {
      const experimentIds = where === "both" ? experiments : [experiments[where === "one" ? 0 : 1]];
      const found: string[] = [];
      let pageToken: string | undefined;
      do {
        const page = await searchRuns(db, {
          ...{ experimentIds, view: "ACTIVE_ONLY", filter, maxResults, pageToken },
          orderBy: [`metrics.loss ${direction}`],
        });
        found.push(...page.rows.map(({ runId }) => runId));
        pageToken = page.nextPageToken ?? undefined;
      } while (pageToken !== undefined && found.length < 100);
      const all = expected(
        direction,
        ({ loss, size, experiment }) =>
          passes(loss ?? Number.NaN, size ?? Number.NaN) && experimentIds.includes(experiment),
      );
      expect(found).toEqual(pageToken === undefined ? all : all.slice(0, found.length));
    },
  );
  await fc.assert(property, { numRuns: 30 });
});

test.each([
  ["a page of an index that most runs pass is found by one query", () => experiments, 1],
  ["one of an index that half of them pass by two", () => [experiments[0]], 2],
])("%s, and read by one", async (_, experimentIds, finding) => {
  const asked: string[] = [];
  const counted = db.withPlugin({
    transformQuery: ({ node }) => {
      asked.push(node.kind);
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const search = { view: "ACTIVE_ONLY", maxResults: 20, pageToken: undefined } as const;
  const wanted = { orderBy: ["metrics.loss DESC"], filter: "metrics.size >= 0" };
  await searchRuns(counted, { ...search, ...wanted, experimentIds: experimentIds() });
  expect(asked).toHaveLength(finding + 1);
});
