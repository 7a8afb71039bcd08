import type pg from "pg";
import { id, join, lit, raw, type Sql, sql } from "../table/sql.ts";
import type { PostgresqlColumn, PostgresqlField, PostgresqlType } from "./postgresql-types.ts";

/**
 * One snapshot, in which nothing can be written; values in the one form that is read back, whatever
 * the server and the role are set to.
 */
export async function beginReading(client: pg.Client, statementTimeoutMs: number): Promise<void> {
  await client.query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
  const settings: Readonly<Record<string, string>> = {
    TimeZone: "UTC",
    DateStyle: "ISO, YMD",
    IntervalStyle: "iso_8601",
    extra_float_digits: "3",
    statement_timeout: String(statementTimeoutMs),
  };
  for (const [name, value] of Object.entries(settings)) {
    await client.query("SELECT set_config($1, $2, true)", [name, value]);
  }
}

/** What is read, inside a statement: a column's own name may be that of a result. */
const SOURCE = id("source");
const inSource = (column: string) => sql`${SOURCE}.${id(column)}`;

export type PostgresqlTable = Readonly<{ from: Sql; key: readonly string[] }>;

/** A table by its name as SQL has it, and the columns of its primary key in order. */
export async function findTable(
  client: pg.Client,
  name: string,
): Promise<PostgresqlTable | undefined> {
  const { rows } = await client.query<{ schema: string; name: string; key: string[] }>(
    `SELECT n.nspname AS schema, c.relname AS name, ARRAY(
       SELECT a.attname::text FROM pg_index i
       CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
       JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
       WHERE i.indrelid = c.oid AND i.indisprimary AND k.place <= i.indnkeyatts ORDER BY k.place) AS key
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
    [name],
  );
  const [found] = rows;
  if (found === undefined) return undefined;
  return { from: sql`${id(found.schema)}.${id(found.name)} AS ${SOURCE}`, key: found.key };
}

/** Names that a table could have been meant by: with its schema, and without where that is enough. */
export async function listTables(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; qualified: string; visible: boolean }>(
    `SELECT c.relname AS name, n.nspname || '.' || c.relname AS qualified, pg_table_is_visible(c.oid) AS visible
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
       AND n.nspname NOT LIKE 'pg_toast%' ORDER BY 2`,
  );
  return rows.flatMap(({ name, qualified, visible }) =>
    visible ? [name, qualified] : [qualified],
  );
}

/** A query as a table. The line feeds keep a comment of the query from swallowing what follows. */
export function queryAsTable(query: string): Sql {
  return sql`${raw(`(\n${query.replace(/;\s*$/, "")}\n)`)} AS ${SOURCE}`;
}

/** Where a query begins in the text that describes it, for positions in errors. */
export const QUERY_OFFSET = "SELECT * FROM (\n".length;

/** The columns of a result, without a row of it. Extended mode takes one statement only. */
export async function describeResult(client: pg.Client, from: Sql): Promise<PostgresqlField[]> {
  const { text } = sql`SELECT * FROM ${from} LIMIT 0`;
  const extended = { text, queryMode: "extended" };
  const { fields } = await client.query(extended);
  return fields;
}

export async function describeTypes(
  client: pg.Client,
  oids: readonly number[],
): Promise<Map<number, PostgresqlType>> {
  const { rows } = await client.query<PostgresqlType>(
    `SELECT oid::int8::float8 AS oid, format_type(oid, NULL) AS name, typtype::text, typcategory::text
     FROM pg_type WHERE oid = ANY ($1::oid[])`,
    [oids],
  );
  return new Map(rows.map((row) => [Number(row.oid), row]));
}

/** COPY takes no parameters: the bound goes by a setting of the transaction. */
const SINCE = "duetmind.since";

export async function setSince(client: pg.Client, value: string): Promise<void> {
  await client.query("SELECT set_config($1, $2, true)", [SINCE, value]);
}

/** The type of a column, as a cast needs it. */
export async function columnType(client: pg.Client, from: Sql, column: string): Promise<string> {
  const { text } =
    sql`SELECT pg_typeof(${id(column)})::text AS type FROM (SELECT ${inSource(column)} FROM ${from} LIMIT 0) AS t RIGHT JOIN (SELECT 1) AS one ON TRUE`;
  const { rows } = await client.query<{ type: string }>(text);
  return rows[0]!.type;
}

/** Rows whose column is not below what `setSince` said: of its type, or of text by code point. */
export type PostgresqlSince = Readonly<{ column: string; type: string | null }>;

/** A row without a watermark comes each time, so that it is told of. */
function sinceSql({ column, type }: PostgresqlSince): Sql {
  const value = inSource(column);
  const setting = sql`current_setting(${lit(SINCE)})`;
  const isSince =
    type === null
      ? sql`${value}::text COLLATE "C" >= ${setting}`
      : sql`${value} >= ${setting}::${raw(type)}`;
  return sql` WHERE (${isSince} OR ${value} IS NULL)`;
}

/** COPY … TO STDOUT of these columns. */
export function copySql(
  from: Sql,
  columns: readonly PostgresqlColumn[],
  key: readonly string[],
  since: PostgresqlSince | null,
): string {
  const selected = columns.map(selectSql);
  if (columns.length === 1) selected.push(sql`''`); // copy-text.ts
  const bound = since === null ? sql`` : sinceSql(since);
  const order = key.length === 0 ? sql`` : sql` ORDER BY ${join(key.map(inSource))}`;
  return sql`COPY (SELECT ${join(selected)} FROM ${from}${bound}${order}) TO STDOUT (FORMAT text, ENCODING 'UTF8')`
    .text;
}

function selectSql({ name, read }: PostgresqlColumn): Sql {
  const column = inSource(name);
  switch (read) {
    case "as is":
      return column;
    case "as hex":
      return sql`encode(${column}, 'hex')`;
    case "as JSON":
      return sql`to_json(${column})::text`;
    case "as text":
      return sql`${column}::text`;
  }
}
