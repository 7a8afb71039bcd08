import { sql } from "kysely";
import type { Order } from "../search/clause.ts";
import { type ExperimentEntity, experimentsGrammar } from "../search/experiments-grammar.ts";
import { type PositionText, selectPosition } from "../search/keyset.ts";
import { checkMaxResults } from "../search/max-results.ts";
import { parseFilter } from "../search/parse-filter.ts";
import { parseOrderBy } from "../search/parse-order.ts";
import { planSearch, type Source } from "../search/plan-search.ts";
import { type Page, readPage } from "../search/read-page.ts";
import type { Database } from "../store/database.ts";
import type { Experiment } from "./experiments.ts";
import type { Entry } from "./log-batch.ts";
import { inView, type View } from "./view.ts";

export const MAX_EXPERIMENTS = 50_000;

export type ExperimentSearch = Readonly<{
  view: View;
  filter: string;
  orderBy: readonly string[];
  maxResults: number;
  pageToken: string | undefined;
}>;

/** A page of experiments with their tags; the newest first where no order is asked for. */
export async function searchExperiments(
  db: Database,
  search: ExperimentSearch,
): Promise<Page<Experiment>> {
  const { view, filter, orderBy, maxResults, pageToken: token } = search;
  const limit = checkMaxResults(maxResults, MAX_EXPERIMENTS);
  const clauses = parseFilter(filter, experimentsGrammar);
  const orders = parseOrderBy(orderBy, experimentsGrammar);
  const ties = orders.length === 0 ? NEWEST : LAST_MADE;
  const { conditions, columns } = planSearch(SOURCE, clauses, orders, ties);
  const request = { columns, limit, token, query: [view, filter, orderBy] };
  const page = await readPage(request, async (segment, most) => {
    const where = [...inView(sql`e.lifecycle_stage`, view), ...conditions, segment.where];
    const { rows } = await sql<ExperimentRow>`
      SELECT e.experiment_id, e.name, e.artifact_location, e.lifecycle_stage, e.created_at,
        e.updated_at, ${selectPosition(columns)} AS position,
        (SELECT coalesce(json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key), '[]')
         FROM duetmind.experiment_tags AS t WHERE t.experiment_id = e.experiment_id) AS tags
      FROM duetmind.experiments AS e WHERE ${sql.join(where, sql` AND `)}
      ORDER BY ${segment.orderBy} LIMIT ${most}`.execute(db);
    return rows;
  });
  return { ...page, rows: page.rows.map(toExperiment) };
}

type ExperimentRow = Readonly<{
  experiment_id: number;
  name: string;
  artifact_location: string;
  lifecycle_stage: "active" | "deleted";
  created_at: Date;
  updated_at: Date;
  position: PositionText;
  tags: readonly Entry[];
}>;

function toExperiment(row: ExperimentRow): Experiment {
  return {
    id: String(row.experiment_id),
    name: row.name,
    artifactLocation: row.artifact_location,
    lifecycleStage: row.lifecycle_stage,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    tags: row.tags,
  };
}

const NEWEST: readonly Order<ExperimentEntity>[] = [
  { entity: "attribute", key: "creation_time", direction: "desc" },
  { entity: "attribute", key: "experiment_id", direction: "asc" },
];
const LAST_MADE: readonly Order<ExperimentEntity>[] = [
  { entity: "attribute", key: "experiment_id", direction: "desc" },
];

const SOURCE: Source<ExperimentEntity> = {
  id: sql`e.experiment_id`,
  columns: {
    name: { sql: sql`e.name`, type: "text" },
    experiment_id: { sql: sql`e.experiment_id`, type: "whole" },
    creation_time: { sql: sql`e.created_at`, type: "time" },
    last_update_time: { sql: sql`e.updated_at`, type: "time" },
  },
  children: {
    tag: {
      table: sql`duetmind.experiment_tags`,
      owner: sql.ref("experiment_id"),
      type: "text",
    },
  },
};
