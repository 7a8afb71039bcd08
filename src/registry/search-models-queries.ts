import { sql } from "kysely";
import type { Order } from "../search/clause.ts";
import { type Position, selectPosition } from "../search/keyset.ts";
import { checkMaxResults } from "../search/max-results.ts";
import { parseFilter } from "../search/parse-filter.ts";
import { parseOrderBy } from "../search/parse-order.ts";
import { planSearch, type Source } from "../search/plan-search.ts";
import { type Page, readPage } from "../search/read-page.ts";
import {
  type RegisteredModelEntity,
  registeredModelsGrammar,
} from "../search/registered-models-grammar.ts";
import type { Database } from "../store/database.ts";
import type { Entry } from "../tracking/log-batch.ts";
import {
  type FoundVersion,
  selectVersion,
  toFoundVersion,
  type VersionRow,
} from "./found-version.ts";
import { takePrompts } from "./prompts.ts";

export const MAX_MODELS = 1000;

export type RegistrySearch = Readonly<{
  /** MLflow's filter language; "" finds all but prompts. */
  filter: string;
  orderBy: readonly string[];
  maxResults: number;
  pageToken: string | undefined;
}>;

export type FoundModel = Readonly<{
  name: string;
  description: string | null;
  createdAt: Date;
  updatedAt: Date;
  /** Sorted by key. */
  tags: readonly Entry[];
  /** Sorted by alias. */
  aliases: readonly Readonly<{ alias: string; version: number }>[];
  /** The newest version of each status, the newest first. */
  latestVersions: readonly FoundVersion[];
}>;

/** A page of registered models with tags, aliases and their newest versions; by name. */
export async function searchModels(
  db: Database,
  { filter, orderBy, maxResults, pageToken: token }: RegistrySearch,
): Promise<Page<FoundModel>> {
  const limit = checkMaxResults(maxResults, MAX_MODELS);
  const asked = takePrompts(parseFilter(filter, registeredModelsGrammar), TAGS, SOURCE.id);
  const orders = parseOrderBy(orderBy, registeredModelsGrammar);
  const { conditions, columns } = planSearch(SOURCE, asked.clauses, orders, TIES);
  const request = { columns, limit, token, query: ["models", filter, orderBy] };
  const page = await readPage(request, async (segment, most) => {
    const { rows } = await sql<ModelRow>`
      SELECT m.id, m.name, m.description, m.created_at, m.updated_at,
        (SELECT coalesce(json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key), '[]')
         FROM duetmind.registered_model_tags AS t WHERE t.model_id = m.id) AS tags,
        (SELECT coalesce(
           json_agg(json_build_object('alias', a.alias, 'version', a.version) ORDER BY a.alias), '[]')
         FROM duetmind.registered_model_aliases AS a WHERE a.model_id = m.id) AS aliases,
        ${selectPosition(columns)} AS position
      FROM duetmind.model_registry AS m
      WHERE ${sql.join([...asked.conditions, ...conditions, segment.where], sql` AND `)}
      ORDER BY ${segment.orderBy} LIMIT ${most}`.execute(db);
    return rows;
  });
  const latest = await latestVersions(
    db,
    page.rows.map(({ id }) => id),
  );
  return { ...page, rows: page.rows.map((row) => toFoundModel(row, latest.get(row.id) ?? [])) };
}

type ModelRow = Readonly<{
  id: string;
  name: string;
  description: string | null;
  created_at: Date;
  updated_at: Date;
  tags: readonly Entry[];
  aliases: FoundModel["aliases"];
  position: Position;
}>;

function toFoundModel(row: ModelRow, versions: readonly FoundVersion[]): FoundModel {
  return {
    name: row.name,
    description: row.description,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    tags: row.tags,
    aliases: row.aliases,
    latestVersions: versions,
  };
}

/** The newest version of each status of these models: one query, whatever their number. */
async function latestVersions(
  db: Database,
  modelIds: readonly string[],
): Promise<ReadonlyMap<string, readonly FoundVersion[]>> {
  if (modelIds.length === 0) return new Map();
  const { rows } = await sql<VersionRow & Readonly<{ model_id: string }>>`
    SELECT m.id AS model_id, ${selectVersion}
    FROM duetmind.model_version_detail AS v JOIN duetmind.model_registry AS m ON m.id = v.model_id
    WHERE (v.model_id, v.version) IN (
      SELECT model_id, max(version) FROM duetmind.model_version_detail
      WHERE model_id = ANY (${modelIds}::uuid[]) AND status <> 'deleted'
      GROUP BY model_id, status)
    ORDER BY v.model_id, v.version DESC`.execute(db);
  const byModel = new Map<string, FoundVersion[]>();
  for (const row of rows) {
    const versions = byModel.get(row.model_id) ?? [];
    versions.push(toFoundVersion(row));
    byModel.set(row.model_id, versions);
  }
  return byModel;
}

const TIES: readonly Order<RegisteredModelEntity>[] = [
  { entity: "attribute", key: "name", direction: "asc" },
];

const TAGS = {
  table: sql`duetmind.registered_model_tags`,
  owner: sql.ref("model_id"),
  type: "text",
} as const;

const SOURCE: Source<RegisteredModelEntity> = {
  id: sql`m.id`,
  columns: {
    name: { sql: sql`m.name`, type: "text" },
    last_updated_timestamp: { sql: sql`m.updated_at`, type: "time" },
  },
  children: { tag: TAGS },
};
