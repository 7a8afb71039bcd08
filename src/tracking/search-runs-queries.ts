import { sql } from "kysely";
import type { Order, Test } from "../search/clause.ts";
import { type Column, passes, type Sql } from "../search/condition.ts";
import { type PositionText, selectPosition } from "../search/keyset.ts";
import { checkMaxResults } from "../search/max-results.ts";
import { parseFilter } from "../search/parse-filter.ts";
import { parseOrderBy } from "../search/parse-order.ts";
import { planSearch, type Source } from "../search/plan-search.ts";
import { type Page, readPage } from "../search/read-page.ts";
import { type RunEntity, runsGrammar } from "../search/runs-grammar.ts";
import { LEAD, type Walked, walkKey } from "../search/walk-key.ts";
import type { Database } from "../store/database.ts";
import { PREPARED } from "../store/prepared.ts";
import { RUN_INFO_COLUMNS, type RunInfoRow } from "./run-queries.ts";
import { type Run, TEXT_COLUMNS, type TextRow, toRun, withTexts } from "./run-text-queries.ts";
import { inView, type View } from "./view.ts";

export const MAX_RUNS = 50_000;

export type RunSearch = Readonly<{
  /** The experiments to search in; without one nothing is found. */
  experimentIds: readonly number[];
  view: View;
  /** MLflow's filter language; "" finds all. */
  filter: string;
  orderBy: readonly string[];
  maxResults: number;
  pageToken: string | undefined;
}>;

/**
 * A page of runs with what was logged to them: by one query for the pages that everybody opens. What a
 * filter or an order needs depends on its values, and so is planned each time; the longer part, that
 * reads what was logged, is then a query of its own, which is not.
 */
export async function searchRuns(db: Database, search: RunSearch): Promise<Page<Run>> {
  const { experimentIds, view, filter, orderBy, maxResults, pageToken: token } = search;
  const limit = checkMaxResults(maxResults, MAX_RUNS);
  const clauses = parseFilter(filter, runsGrammar);
  const orders = parseOrderBy(orderBy, runsGrammar);
  const { joins, conditions, columns, walk } = planSearch(SOURCE, clauses, orders, TIES);
  const isCommon = clauses.length + orders.length === 0 && token === undefined;
  const [planned, texts] = isCommon ? [PREPARED, sql`, ${TEXT_COLUMNS}`] : [sql``, sql``];
  const scope = [inExperiments(experimentIds), ...inView(sql`r.lifecycle_stage`, view)];
  const request = { columns, limit, token, query: [experimentIds, view, filter, orderBy] };
  const page = await readPage(request, async (segment, most) => {
    const read = async (from: Sql, where: readonly Sql[], wanted: number, walkEnd: Sql) => {
      const { rows } = await sql<FoundRow>`${planned} SELECT ${RUN_INFO_COLUMNS}, position,
          ${walkEnd} AS walk_end ${texts}
        FROM (SELECT r.*, ${selectPosition(columns)} AS position
          FROM ${from} WHERE ${sql.join(where, sql` AND `)}
          ORDER BY ${segment.orderBy} LIMIT ${wanted}) AS r`.execute(db);
      return rows;
    };
    const all = sql`duetmind.runs AS r ${sql.join(joins, sql` `)}`;
    const passes = [...scope, ...conditions];
    if (walk === undefined) return read(all, [...passes, segment.where], most, sql`NULL`);
    // OFFSET 0 keeps the planner from joining in another order
    const run = sql`LATERAL (SELECT * FROM duetmind.runs AS r
      WHERE r.run_id = ${sql.id(LEAD)}.run_id AND ${sql.join(passes, sql` AND `)} OFFSET 0) AS r`;
    const { found, left } = await walkKey(walk, segment, most, ({ rows, end }, wanted) =>
      read(sql`${rows} CROSS JOIN ${run}`, [segment.where], wanted, end),
    );
    if (left === undefined) return found;
    const rest = [...passes, segment.where, left];
    return [...found, ...(await read(all, rest, most - found.length, sql`NULL`))];
  });
  const rows = isCommon
    ? (page.rows as readonly (FoundRow & TextRow)[]).map(toRun)
    : await withTexts(db, page.rows);
  return { ...page, rows };
}

type FoundRow = RunInfoRow & Walked & Readonly<{ position: PositionText }>;

/** One experiment by `=`: then its index gives the runs in their order. */
function inExperiments(ids: readonly number[]): Sql {
  return ids.length === 1
    ? sql`r.experiment_id = ${ids[0]}`
    : sql`r.experiment_id = ANY (${ids}::bigint[])`;
}

const TIES: readonly Order<RunEntity>[] = [
  { entity: "attribute", key: "start_time", direction: "desc" },
  { entity: "attribute", key: "run_id", direction: "asc" },
];

const owner = sql.ref("run_id");
const SOURCE: Source<RunEntity> = {
  id: sql`r.run_id`,
  columns: {
    run_id: { sql: sql`r.run_id`, type: "id" },
    run_name: { sql: sql`r.run_name`, type: "text" },
    user_id: { sql: sql`r.user_id`, type: "text" },
    status: { sql: sql`r.status`, type: "text" },
    artifact_uri: { sql: sql`r.artifact_uri`, type: "text" },
    start_time: { sql: sql`r.started_at`, type: "time", mayBeNull: true },
    end_time: { sql: sql`r.ended_at`, type: "time", mayBeNull: true },
  },
  children: {
    metric: { table: sql`duetmind.latest_metrics`, owner, type: "number", valueIndexed: true },
    param: { table: sql`duetmind.params`, owner, type: "text", headIndexed: true },
    tag: { table: sql`duetmind.tags`, owner, type: "text", headIndexed: true },
  },
  related: (_, key, test) => usesDataset(key, test),
};

/** The run has an input whose dataset, or whose context, passes the test. */
function usesDataset(key: string, test: Test): Sql {
  if (key === "context") {
    const value: Column = { sql: sql`t.value`, type: "text" };
    return sql`EXISTS (SELECT FROM duetmind.inputs AS i JOIN duetmind.input_tags AS t
      ON t.input_id = i.id AND t.key = 'mlflow.data.context'
      WHERE i.run_id = r.run_id AND ${passes(value, test)})`;
  }
  const column: Column = { sql: key === "name" ? sql`d.name` : sql`d.digest`, type: "text" };
  return sql`EXISTS (SELECT FROM duetmind.inputs AS i JOIN duetmind.datasets AS d
    ON d.id = i.dataset_id WHERE i.run_id = r.run_id AND ${passes(column, test)})`;
}
