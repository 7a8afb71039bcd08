import { sql } from "kysely";
import type { Order } from "../search/clause.ts";
import { type PositionText, selectPosition } from "../search/keyset.ts";
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
import { takePrompts } from "./prompts.ts";
import {
  type ModelRow,
  type RegisteredModel,
  selectModel,
  toRegisteredModels,
} from "./registered-model-queries.ts";

export const MAX_MODELS = 1000;

export type RegistrySearch = Readonly<{
  /** MLflow's filter language; "" finds all but prompts. */
  filter: string;
  orderBy: readonly string[];
  maxResults: number;
  pageToken: string | undefined;
}>;

/** A page of registered models with tags, aliases and their newest versions; by name. */
export async function searchModels(
  db: Database,
  { filter, orderBy, maxResults, pageToken: token }: RegistrySearch,
): Promise<Page<RegisteredModel>> {
  const limit = checkMaxResults(maxResults, MAX_MODELS);
  const asked = takePrompts(parseFilter(filter, registeredModelsGrammar), TAGS, SOURCE.id);
  const orders = parseOrderBy(orderBy, registeredModelsGrammar);
  const { conditions, columns } = planSearch(SOURCE, asked.clauses, orders, TIES);
  const request = { columns, limit, token, query: ["models", filter, orderBy] };
  const page = await readPage(request, async (segment, most) => {
    const { rows } = await sql<ModelRow & Readonly<{ position: PositionText }>>`
      SELECT ${selectModel}, ${selectPosition(columns)} AS position
      FROM duetmind.model_registry AS m
      WHERE ${sql.join([...asked.conditions, ...conditions, segment.where], sql` AND `)}
      ORDER BY ${segment.orderBy} LIMIT ${most}`.execute(db);
    return rows;
  });
  return { ...page, rows: await toRegisteredModels(db, page.rows) };
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
