import type { Connection } from "mysql2";
import { countOf } from "../core/count-of.ts";
import type { Effects } from "../core/effects.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import { copyField, toCopyText } from "./copy-text.ts";
import { boundColumn, tableMissing } from "./database-columns.ts";
import type { ColumnType, DatabaseRows, ServerRequest } from "./database-rows.ts";
import { connectMysql, killQuery } from "./mysql-connection.ts";
import { fromMysqlError } from "./mysql-error.ts";
import {
  beginReading,
  describeResult,
  findTable,
  listTables,
  type MysqlTable,
  queryAsTable,
  selectSql,
  setSince,
} from "./mysql-queries.ts";
import { type MysqlColumn, toMysqlColumn } from "./mysql-types.ts";

/** A table or query of MySQL or MariaDB, row by row as the server sends them. */
export async function openMysqlRows(
  request: ServerRequest,
  effects: Effects,
): Promise<DatabaseRows> {
  throwIfInterrupted(effects.signal);
  const connection = await connectMysql(request.target).catch((error: unknown) => {
    throw fromMysqlError(error, request);
  });
  try {
    return await planRows(connection, request, effects);
  } catch (error) {
    connection.destroy();
    throw fromMysqlError(error, request);
  }
}

async function planRows(
  connection: Connection,
  request: ServerRequest,
  { signal }: Effects,
): Promise<DatabaseRows> {
  const { database } = request;
  await beginReading(connection, database.statement_timeout_ms);
  const { from, key } = await findSource(connection, request);
  const columns = (await describeResult(connection, from)).map(toMysqlColumn);
  const since = await boundBy(connection, request, columns);
  const sql = selectSql(from, columns, database.order_by === undefined ? key : [], since);
  const declared = new Set(Object.keys(request.sync.params.types));
  const zeroDates = columns.map(() => 0);
  return {
    columns,
    isOrdered: key.length > 0 && database.order_by === undefined,
    lines: toCopyText(readRows(connection, sql, columns, zeroDates, request, signal)),
    notes: () => [
      ...columns.flatMap(({ name, note }) => (declared.has(name) ? [] : (note ?? []))),
      ...columns.flatMap(({ name }, i) =>
        zeroDates[i] === 0
          ? []
          : `column "${name}": ${countOf(zeroDates[i]!, "zero date")} read as null`,
      ),
    ],
    close: async () => connection.destroy(),
  };
}

async function findSource(connection: Connection, request: ServerRequest): Promise<MysqlTable> {
  const { table, query } = request.database;
  if (table === undefined) return { from: queryAsTable(query!), key: [] };
  const found = await findTable(connection, table);
  if (found !== undefined) return found;
  throw tableMissing(request.subject, table, await listTables(connection));
}

async function boundBy(
  connection: Connection,
  request: ServerRequest,
  columns: readonly MysqlColumn[],
): Promise<MysqlColumn | null> {
  const found = boundColumn(request, columns);
  if (found === null) return null;
  const since = request.sync.since!;
  // 0.7 is not the float that is written 0.7
  const value = found.type === "FLOAT" ? String(Math.fround(Number(since))) : since;
  await setSince(connection, value);
  return found;
}

/** Rows in the stream's own buffer; more wait at the server. */
const ROWS_AHEAD = 512;

async function* readRows(
  connection: Connection,
  sql: string,
  columns: readonly MysqlColumn[],
  zeroDates: number[],
  request: ServerRequest,
  signal: AbortSignal,
): AsyncGenerator<string[]> {
  const isBinary = new Map(columns.map(({ type }, i) => [i, type === "BLOB"]));
  let place = 0;
  const stream = connection
    .query({
      sql,
      rowsAsArray: true,
      typeCast: (field) => {
        const i = place++ % columns.length;
        return isBinary.get(i) ? (field.buffer()?.toString("hex") ?? null) : field.string("utf8");
      },
    })
    .stream({ highWaterMark: ROWS_AHEAD });
  const cancel = () => {
    killQuery(request.target, connection.threadId!).catch((error: Error) => stream.destroy(error));
  };
  // the driver tells the connection that it was lost, and leaves its stream waiting
  const lose = (error: Error) => stream.destroy(error);
  connection.on("error", lose);
  signal.addEventListener("abort", cancel);
  try {
    if (signal.aborted) cancel();
    for await (const row of stream) {
      yield columns.map(({ type }, i) => toField(row[i], type, i, zeroDates));
    }
  } catch (error) {
    throwIfInterrupted(signal);
    throw fromMysqlError(error, request);
  } finally {
    connection.off("error", lose);
    signal.removeEventListener("abort", cancel);
  }
}

/** A year that has no month or a month that has no day is no date; MySQL calls these zero dates. */
function toField(
  value: string | null,
  type: ColumnType,
  place: number,
  zeroDates: number[],
): string {
  if (value === null) return "\\N";
  if (type === "VARCHAR") return copyField(value);
  const isTime = type === "DATE" || type.startsWith("TIMESTAMP");
  if (!isTime || (value.slice(5, 7) !== "00" && value.slice(8, 10) !== "00")) return value;
  zeroDates[place]! += 1;
  return "\\N";
}
