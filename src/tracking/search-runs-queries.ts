import { sql } from "kysely";
import type { Order, Test } from "../search/clause.ts";
import { type Column, passes, type Sql } from "../search/condition.ts";
import { type Position, selectPosition } from "../search/keyset.ts";
import { checkMaxResults } from "../search/max-results.ts";
import { parseFilter } from "../search/parse-filter.ts";
import { parseOrderBy } from "../search/parse-order.ts";
import { planSearch, type Source } from "../search/plan-search.ts";
import { type Page, readPage } from "../search/read-page.ts";
import { type RunEntity, runsGrammar } from "../search/runs-grammar.ts";
import { LEAD, walkKey } from "../search/walk-key.ts";
import type { Database } from "../store/database.ts";
import { PREPARED } from "../store/prepared.ts";
import { RUN_INFO_COLUMNS, type RunInfoRow, toRunInfo } from "./run-queries.ts";
import { type Run, TEXT_COLUMNS, type TextRow, toTexts } from "./run-text-queries.ts";
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

/** A page of runs with what was logged to them, by one query where the runs have a time of their start. */
export async function searchRuns(db: Database, search: RunSearch): Promise<Page<Run>> {
  const { experimentIds, view, filter, orderBy, maxResults, pageToken: token } = search;
  const limit = checkMaxResults(maxResults, MAX_RUNS);
  const clauses = parseFilter(filter, runsGrammar);
  const orders = parseOrderBy(orderBy, runsGrammar);
  const { joins, conditions, columns, walk } = planSearch(SOURCE, clauses, orders, TIES);
  // the pages that everybody opens; what a filter or an order needs depends on its values
  const planned = clauses.length + orders.length === 0 && token === undefined ? PREPARED : sql``;
  const scope = [inExperiments(experimentIds), ...inView(sql`r.lifecycle_stage`, view)];
  const request = { columns, limit, token, query: [experimentIds, view, filter, orderBy] };
  const page = await readPage(request, async (segment, most) => {
    const read = async (from: Sql, where: readonly Sql[]) => {
      const { rows } =
        await sql<RunRow>`${planned} SELECT ${RUN_INFO_COLUMNS}, position, ${TEXT_COLUMNS}
        FROM (SELECT r.*, ${selectPosition(columns)} AS position
          FROM ${from} WHERE ${sql.join(where, sql` AND `)}
          ORDER BY ${segment.orderBy} LIMIT ${most}) AS r`.execute(db);
      return rows;
    };
    const wanted = [...scope, ...conditions];
    const walked = walk && walkKey(walk, segment, most);
    if (walked !== undefined) {
      // OFFSET 0 keeps the planner from joining in another order
      const found = sql`${walked} CROSS JOIN LATERAL (SELECT * FROM duetmind.runs AS r
        WHERE r.run_id = ${sql.id(LEAD)}.run_id AND ${sql.join(wanted, sql` AND `)} OFFSET 0) AS r`;
      const rows = await read(found, [segment.where]);
      if (rows.length === most) return rows;
    }
    const all = sql`duetmind.runs AS r ${sql.join(joins, sql` `)}`;
    return read(all, [...wanted, segment.where]);
  });
  const rows = page.rows.map((row) => ({ ...toRunInfo(row), texts: toTexts(row) }));
  return { ...page, rows };
}

type RunRow = RunInfoRow & TextRow & Readonly<{ position: Position }>;

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
