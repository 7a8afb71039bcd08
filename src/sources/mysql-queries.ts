import type { Connection, FieldPacket, RowDataPacket } from "mysql2";
import { join, raw, type Sql, sql } from "../table/sql.ts";
import type { MysqlColumn } from "./mysql-types.ts";

/** A quoted name. */
function name(text: string): Sql {
  return raw(`\`${text.replaceAll("`", "``")}\``);
}

const SOURCE = name("source");

/** One snapshot, in which nothing can be written, in UTC. The timeout has a name and a unit in each product. */
export async function beginReading(connection: Connection, timeoutMs: number): Promise<void> {
  const session = connection.promise();
  const [rows] = await session.query<RowDataPacket[]>("SELECT @@version AS version");
  const isMariadb = String(rows[0]!["version"]).includes("MariaDB");
  await session.query("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  await session.query("SET time_zone = '+00:00', net_write_timeout = 600");
  if (isMariadb) await session.query("SET SESSION max_statement_time = ?", [timeoutMs / 1000]);
  else await session.query("SET SESSION max_execution_time = ?", [timeoutMs]);
  await session.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
}

export type MysqlTable = Readonly<{ from: Sql; key: readonly string[] }>;

/** A table by its name, with its database or without, and the columns of its primary key in order. */
export async function findTable(
  connection: Connection,
  table: string,
): Promise<MysqlTable | undefined> {
  const [schema, plain] = splitName(table);
  const [tables] = await connection.promise().query<RowDataPacket[]>(
    `SELECT table_schema AS s, table_name AS t FROM information_schema.tables
     WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ?`,
    [schema, plain],
  );
  const [found] = tables;
  if (found === undefined) return undefined;
  const [keys] = await connection.promise().query<RowDataPacket[]>(
    `SELECT column_name AS c FROM information_schema.key_column_usage
     WHERE table_schema = ? AND table_name = ? AND constraint_name = 'PRIMARY' ORDER BY ordinal_position`,
    [found["s"], found["t"]],
  );
  const from = sql`${name(String(found["s"]))}.${name(String(found["t"]))} AS ${SOURCE}`;
  return { from, key: keys.map((row) => String(row["c"])) };
}

/** Names that a table could have been meant by. */
export async function listTables(connection: Connection): Promise<string[]> {
  const [rows] = await connection.promise().query<RowDataPacket[]>(
    `SELECT table_name AS t, CONCAT(table_schema, '.', table_name) AS q, table_schema = DATABASE() AS here
     FROM information_schema.tables
     WHERE table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY 2`,
  );
  return rows.flatMap((row) =>
    row["here"] ? [String(row["t"]), String(row["q"])] : [String(row["q"])],
  );
}

function splitName(table: string): [schema: string | null, plain: string] {
  const dot = table.indexOf(".");
  const unquoted = (part: string) => part.replace(/^`(.*)`$/, "$1");
  if (dot === -1) return [null, unquoted(table)];
  return [unquoted(table.slice(0, dot)), unquoted(table.slice(dot + 1))];
}

/**
 * A query as a table, in the lines that errors count. A line feed is put only behind a comment, which
 * would swallow what follows: the server counts the line after the place where it stumbles.
 */
export function queryAsTable(query: string): Sql {
  const end = /(--|#).*$/.test(query) ? "\n" : "";
  return sql`${raw(`(${query.replace(/;\s*$/, "")}${end})`)} AS ${SOURCE}`;
}

/** The columns of a result, without a row of it. */
export async function describeResult(connection: Connection, from: Sql): Promise<FieldPacket[]> {
  const { text } = sql`SELECT * FROM ${from} LIMIT 0`;
  const [, fields] = await connection.promise().query({ sql: text, rowsAsArray: true });
  return fields;
}

/** The bound of a watermark goes by a variable of the session: the query of a person may hold a `?`. */
export async function setSince(connection: Connection, value: string): Promise<void> {
  await connection.promise().query("SET @duetmind_since = ?", [value]);
}

export function selectSql(
  from: Sql,
  columns: readonly MysqlColumn[],
  key: readonly string[],
  since: MysqlColumn | null,
): string {
  const selected = join(columns.map(readSql));
  const bound = since === null ? sql`` : sql` WHERE (${sinceSql(since)})`;
  const order = key.length === 0 ? sql`` : sql` ORDER BY ${join(key.map(inSource))}`;
  return sql`SELECT ${selected} FROM ${from}${bound}${order}`.text;
}

function inSource(column: string): Sql {
  return sql`${SOURCE}.${name(column)}`;
}

function readSql({ name: column, read }: MysqlColumn): Sql {
  switch (read) {
    case "as is":
      return inSource(column);
    case "as double":
      return sql`${inSource(column)} + 0e0`;
    case "as integer":
      return sql`${inSource(column)} + 0`;
    case "as well-known text":
      return sql`ST_AsText(${inSource(column)})`;
  }
}

/**
 * In the type of the column, so that the server compares, and may use an index, as it does for it; text
 * by code point, as here. A row without a watermark comes each time, so that it is told of.
 */
function sinceSql({ name: column, type }: MysqlColumn): Sql {
  const value = raw("@duetmind_since");
  const own = inSource(column);
  const orNone = sql`OR ${own} IS NULL`;
  const orZero = sql`${orNone} OR ${own} < CAST('1000-01-01' AS DATETIME)`; // zero dates are null here
  if (type === "DATE") return sql`${own} >= CAST(${value} AS DATE) ${orZero}`;
  if (type.startsWith("TIMESTAMP")) {
    // an ISO time is taken as the session's, which is UTC
    return sql`${own} >= CAST(REPLACE(REPLACE(${value}, 'T', ' '), 'Z', '') AS DATETIME(6)) ${orZero}`;
  }
  if (type === "VARCHAR") {
    const bytes = sql`CAST(CONVERT(${own} USING utf8mb4) AS BINARY)`;
    return sql`${bytes} >= CAST(${value} AS BINARY) ${orNone}`;
  }
  return type === "FLOAT" || type === "DOUBLE"
    ? sql`${own} >= (${value} + 0e0) ${orNone}`
    : sql`${own} >= CAST(${value} AS DECIMAL(65, 30)) ${orNone}`;
}
