import { sql } from "kysely";
import type { Order } from "../search/clause.ts";
import { type PositionText, selectPosition } from "../search/keyset.ts";
import { checkMaxResults } from "../search/max-results.ts";
import { type ModelVersionEntity, modelVersionsGrammar } from "../search/model-versions-grammar.ts";
import { parseFilter } from "../search/parse-filter.ts";
import { parseOrderBy } from "../search/parse-order.ts";
import { planSearch, type Source } from "../search/plan-search.ts";
import { type Page, readPage } from "../search/read-page.ts";
import type { Database } from "../store/database.ts";
import {
  type FoundVersion,
  selectVersion,
  toFoundVersion,
  type VersionRow,
} from "./found-version.ts";
import { takePrompts } from "./prompts.ts";
import type { RegistrySearch } from "./search-models-queries.ts";

export const MAX_VERSIONS = 200_000;

/** A page of model versions that are not deleted, with their tags and aliases; the last changed first unless asked. */
export async function searchVersions(
  db: Database,
  { filter, orderBy, maxResults, pageToken: token }: RegistrySearch,
): Promise<Page<FoundVersion>> {
  const limit = checkMaxResults(maxResults, MAX_VERSIONS);
  const asked = takePrompts(parseFilter(filter, modelVersionsGrammar), TAGS, SOURCE.id);
  const orders = parseOrderBy(orderBy, modelVersionsGrammar);
  const ordered = orders.length > 0 ? orders : [LAST_CHANGED];
  const { conditions, columns } = planSearch(SOURCE, asked.clauses, ordered, TIES);
  const request = { columns, limit, token, query: ["versions", filter, orderBy] };
  const page = await readPage(request, async (segment, most) => {
    const { rows } = await sql<VersionRow & Readonly<{ position: PositionText }>>`
      SELECT ${selectVersion}, ${selectPosition(columns)} AS position
      FROM duetmind.model_version_detail AS v JOIN duetmind.model_registry AS m ON m.id = v.model_id
      WHERE v.status <> 'deleted'
        AND ${sql.join([...asked.conditions, ...conditions, segment.where], sql` AND `)}
      ORDER BY ${segment.orderBy} LIMIT ${most}`.execute(db);
    return rows;
  });
  return { ...page, rows: page.rows.map(toFoundVersion) };
}

const LAST_CHANGED: Order<ModelVersionEntity> = {
  entity: "attribute",
  key: "last_updated_timestamp",
  direction: "desc",
};

const TIES: readonly Order<ModelVersionEntity>[] = [
  { entity: "attribute", key: "name", direction: "asc" },
  { entity: "attribute", key: "version_number", direction: "desc" },
];

const TAGS = {
  table: sql`duetmind.model_version_tags`,
  owner: sql.ref("version_id"),
  type: "text",
} as const;

const SOURCE: Source<ModelVersionEntity> = {
  id: sql`v.id`,
  columns: {
    name: { sql: sql`m.name`, type: "text" },
    version_number: { sql: sql`v.version`, type: "whole" },
    // MLflow keeps "" where there is no run, and `!=` finds it.
    run_id: { sql: sql`coalesce(v.mlflow_run_id, '')`, type: "text" },
    source_path: { sql: sql`v.source`, type: "text" },
    creation_timestamp: { sql: sql`v.created_at`, type: "time" },
    last_updated_timestamp: { sql: sql`v.updated_at`, type: "time" },
  },
  children: { tag: TAGS },
};
