import { sql } from "kysely";
import { DuetMindError } from "../core/errors.ts";
import type { Clause, Order } from "../search/clause.ts";
import type { Sql } from "../search/condition.ts";
import { type PositionText, selectPosition } from "../search/keyset.ts";
import { type LoggedModelEntity, loggedModelsGrammar } from "../search/logged-models-grammar.ts";
import { checkMaxResults } from "../search/max-results.ts";
import { parseFilter } from "../search/parse-filter.ts";
import { distinctOrders } from "../search/parse-order.ts";
import { planSearch, type Source } from "../search/plan-search.ts";
import { type Page, readPage } from "../search/read-page.ts";
import { resolveField } from "../search/resolve-field.ts";
import type { Database } from "../store/database.ts";
import {
  type LoggedModel,
  type LoggedModelRow,
  selectLoggedModel,
  toLoggedModels,
} from "./logged-model-queries.ts";

export const MAX_LOGGED_MODELS = 50_000;

export type OnDataset = Readonly<{ name: string; digest: string | undefined }>;

export type LoggedModelOrder = Readonly<{
  /** An attribute, or `metrics.` and a key as it is. */
  field: string;
  ascending: boolean;
  /** Sorts by the metric as measured on this dataset. */
  dataset?: OnDataset;
}>;

export type LoggedModelSearch = Readonly<{
  /** The experiments to search in; without one nothing is found. */
  experimentIds: readonly number[];
  filter: string;
  /** Clauses on metrics are about values measured on one of these; without such a clause, any value. */
  datasets: readonly OnDataset[];
  orderBy: readonly LoggedModelOrder[];
  maxResults: number;
  pageToken: string | undefined;
}>;

/** A page of logged models that are not deleted, the newest first where no order is asked for. */
export async function searchLoggedModels(
  db: Database,
  search: LoggedModelSearch,
): Promise<Page<LoggedModel>> {
  const { experimentIds, filter, datasets, orderBy, maxResults, pageToken: token } = search;
  const limit = checkMaxResults(maxResults, MAX_LOGGED_MODELS);
  const clauses = parseFilter(filter, loggedModelsGrammar);
  const orders = distinctOrders(orderBy.map(toOrder), loggedModelsGrammar);
  const { joins, conditions, columns } = planSearch(sourceOf(datasets), clauses, orders, TIES);
  const scope = [
    sql`l.experiment_id = ANY (${experimentIds}::bigint[]) AND l.lifecycle_stage = 'active'`,
    ...isMeasuredOn(datasets, clauses),
  ];
  const query = [experimentIds, filter, datasets.map(toJson), orderBy.map(orderToJson)];
  const page = await readPage({ columns, limit, token, query }, async (segment, most) => {
    const { rows } = await sql<LoggedModelRow & Readonly<{ position: PositionText }>>`
      SELECT ${selectLoggedModel}, ${selectPosition(columns)} AS position
      FROM duetmind.logged_models AS l ${sql.join(joins, sql` `)}
      WHERE ${sql.join([...scope, ...conditions, segment.where], sql` AND `)}
      ORDER BY ${segment.orderBy} LIMIT ${most}`.execute(db);
    return rows;
  });
  return { ...page, rows: await toLoggedModels(db, page.rows) };
}

/** A field name is no text to parse: behind `metrics.` all is the key, quotes are parts of it. */
function toOrder({ field, ascending, dataset }: LoggedModelOrder): Order<LoggedModelEntity> {
  const dot = field.indexOf(".");
  const prefix = dot < 0 ? undefined : field.slice(0, dot);
  const resolved = resolveField(loggedModelsGrammar, prefix, field.slice(dot + 1));
  const { entity, key } = resolved;
  const isWritable = key !== "" && !key.includes("\0");
  if (!resolved.field.sortable || !isWritable || (dataset !== undefined && entity !== "metric")) {
    throw new DuetMindError(
      "BAD_INPUT",
      `Invalid order_by field '${field.slice(0, 200)}': expected an attribute or a metric, and a dataset for a metric only`,
    );
  }
  const direction = ascending ? "asc" : "desc";
  return { entity, key, direction, ...(dataset === undefined ? {} : { dataset }) };
}

const TIES: readonly Order<LoggedModelEntity>[] = [
  { entity: "attribute", key: "creation_timestamp", direction: "desc" },
  { entity: "attribute", key: "model_id", direction: "asc" },
];

const owner = sql.ref("model_id");

function sourceOf(datasets: readonly OnDataset[]): Source<LoggedModelEntity> {
  return {
    id: sql`l.model_id`,
    columns: {
      name: { sql: sql`l.name`, type: "text" },
      model_id: { sql: sql`l.model_id`, type: "id" },
      model_type: { sql: sql`l.model_type`, type: "text" },
      status: { sql: sql`l.status::text`, type: "text" },
      source_run_id: { sql: sql`l.source_run_id`, type: "text" },
      creation_timestamp: { sql: sql`l.created_at`, type: "time" },
      last_updated_timestamp: { sql: sql`l.updated_at`, type: "time" },
    },
    children: {
      metric: {
        table: sql`duetmind.logged_model_metrics`,
        owner,
        type: "number",
        several: {
          among: (order) =>
            order === undefined ? onOneOf(datasets) : onOneOf(order.dataset ? [order.dataset] : []),
          order: sql`c.timestamp_ms DESC, c.step DESC, c.run_id`,
        },
      },
      param: { table: sql`duetmind.logged_model_params`, owner, type: "text" },
      tag: { table: sql`duetmind.logged_model_tags`, owner, type: "text" },
    },
  };
}

/** The metric `c` was measured on one of these; without a digest nothing was. */
function onOneOf(datasets: readonly OnDataset[]): Sql {
  if (datasets.length === 0) return sql`true`;
  return sql`(c.dataset_name, c.dataset_digest) IN (
    SELECT * FROM unnest(${datasets.map(({ name }) => name)}::text[],
      ${datasets.map(({ digest }) => digest ?? null)}::text[]))`;
}

/** Datasets without a clause on metrics find the models that were measured on one of them. */
function isMeasuredOn(
  datasets: readonly OnDataset[],
  clauses: readonly Clause<LoggedModelEntity>[],
): readonly Sql[] {
  if (datasets.length === 0 || clauses.some(({ entity }) => entity === "metric")) return [];
  return [
    sql`EXISTS (SELECT FROM duetmind.logged_model_metrics AS c
      WHERE c.model_id = l.model_id AND ${onOneOf(datasets)})`,
  ];
}

function toJson({ name, digest }: OnDataset): readonly (string | null)[] {
  return [name, digest ?? null];
}

function orderToJson({ field, ascending, dataset }: LoggedModelOrder): readonly unknown[] {
  return [field, ascending, dataset === undefined ? null : toJson(dataset)];
}
