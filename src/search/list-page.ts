import { sql } from "kysely";
import type { Database } from "../store/database.ts";
import type { ListEntity } from "./catalogue-grammars.ts";
import type { Order } from "./clause.ts";
import type { Column, Sql } from "./condition.ts";
import type { Grammar } from "./grammar.ts";
import { type PositionText, selectPosition } from "./keyset.ts";
import { parseFilter } from "./parse-filter.ts";
import { parseOrderBy } from "./parse-order.ts";
import { planSearch } from "./plan-search.ts";
import { readPage } from "./read-page.ts";

/** What a reader of one of our lists asks for (reference: api.md, "Lists"). */
export type ListRequest = Readonly<{
  filter: string;
  orderBy: string | undefined;
  limit: number;
  pageToken: string | undefined;
  count: boolean;
}>;

/** Where the rows of a list are. */
export type ListSource = Readonly<{
  grammar: Grammar<ListEntity>;
  from: Sql;
  select: Sql;
  /** What always holds, beside the filter. */
  where?: Sql;
  /** What `where` asks for, as a value: a page token goes on only with the same. */
  scope?: unknown;
  /** The fields of the grammar; the last of `order` differs from row to row. */
  columns: Readonly<Record<string, Column>>;
  order: readonly Order<ListEntity>[];
}>;

export type ListPage<Row> = Readonly<{
  items: readonly Row[];
  next_page_token: string | null;
  count?: number;
}>;

/** A page of a list, and where it was asked for how many rows there are in all. */
export async function readListPage<Row extends object>(
  db: Database,
  source: ListSource,
  request: ListRequest,
): Promise<ListPage<Row>> {
  const { grammar, order } = source;
  const orders = parseOrderBy(request.orderBy === undefined ? [] : [request.orderBy], grammar);
  const at = { id: sql`NULL`, columns: source.columns, children: {} };
  const plan = planSearch(at, parseFilter(request.filter, grammar), orders, order);
  const always = [source.where ?? sql`true`, ...plan.conditions];
  const scope = source.scope ?? null;
  const query = [grammar.subject, scope, request.filter, request.orderBy ?? null];
  const page = await readPage(
    { columns: plan.columns, limit: request.limit, token: request.pageToken, query },
    async (segment, most) => {
      const { rows } = await sql<Row & Readonly<{ position: PositionText }>>`
        SELECT ${source.select}, ${selectPosition(plan.columns)} AS position FROM ${source.from}
        WHERE ${sql.join([...always, segment.where], sql` AND `)}
        ORDER BY ${segment.orderBy} LIMIT ${most}`.execute(db);
      return rows;
    },
  );
  const items = page.rows.map(({ position: _, ...row }) => row as unknown as Row);
  if (!request.count) return { items, next_page_token: page.nextPageToken };
  const counted = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM ${source.from} WHERE ${sql.join(always, sql` AND `)}`.execute(
    db,
  );
  return { items, next_page_token: page.nextPageToken, count: counted.rows[0]!.count };
}
