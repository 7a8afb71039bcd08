import type pg from "pg";
import type { Effects } from "../core/effects.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import { boundColumn, tableMissing } from "./database-columns.ts";
import type { DatabaseColumn, DatabaseRows, ServerRequest } from "./database-rows.ts";
import { cancelBackend, connectPostgresql } from "./postgresql-connection.ts";
import { fromPostgresqlError } from "./postgresql-error.ts";
import {
  beginReading,
  columnType,
  copySql,
  describeResult,
  describeTypes,
  findTable,
  listTables,
  type PostgresqlSince,
  type PostgresqlTable,
  queryAsTable,
  setSince,
} from "./postgresql-queries.ts";
import { type PostgresqlColumn, toPostgresqlColumn } from "./postgresql-types.ts";

/** A table or query of PostgreSQL by COPY, which is the fastest way out of it and streams. */
export async function openPostgresqlRows(
  request: ServerRequest,
  effects: Effects,
): Promise<DatabaseRows> {
  throwIfInterrupted(effects.signal);
  const client = await connectPostgresql(request.target).catch((error: unknown) => {
    throw fromPostgresqlError(error, request);
  });
  try {
    return await planRows(client, request, effects);
  } catch (error) {
    await client.end();
    throw fromPostgresqlError(error, request, true);
  }
}

async function planRows(
  client: pg.Client,
  request: ServerRequest,
  { signal }: Effects,
): Promise<DatabaseRows> {
  const { database, sync } = request;
  await beginReading(client, database.statement_timeout_ms);
  const { from, key } = await findSource(client, request);
  const fields = await describeResult(client, from);
  const types = await describeTypes(client, [...new Set(fields.map((field) => field.dataTypeID))]);
  const columns = fields.map((field) => toPostgresqlColumn(field, types));
  const since = await boundBy(client, from, request, columns);
  const sql = copySql(from, columns, database.order_by === undefined ? key : [], since);
  const declared = new Set(Object.keys(sync.params.types));
  return {
    columns: columns.map((column) => asDeclared(column, declared)),
    isOrdered: key.length > 0 && database.order_by === undefined,
    lines: copyLines(client, sql, request, signal),
    notes: () => columns.flatMap(({ name, note }) => (declared.has(name) ? [] : (note ?? []))),
    close: () => client.end(),
  };
}

async function findSource(client: pg.Client, request: ServerRequest): Promise<PostgresqlTable> {
  const { table, query } = request.database;
  if (table === undefined) return { from: queryAsTable(query!), key: [] };
  const found = await findTable(client, table);
  if (found !== undefined) return found;
  throw tableMissing(request.subject, table, await listTables(client));
}

/** A decimal cannot hold NaN: where `types:` declares another type, its text is handed on. */
function asDeclared(
  { name, type }: PostgresqlColumn,
  declared: ReadonlySet<string>,
): DatabaseColumn {
  const isDecimal = type.startsWith("DECIMAL");
  return { name, type: isDecimal && declared.has(name) ? "VARCHAR" : type };
}

function withArrayNote(column: PostgresqlColumn): PostgresqlColumn {
  if (column.read !== "as JSON") return column;
  return { ...column, note: `column "${column.name}" is an array: read as JSON text` };
}

async function boundBy(
  client: pg.Client,
  from: PostgresqlTable["from"],
  request: ServerRequest,
  columns: readonly PostgresqlColumn[],
): Promise<PostgresqlSince | null> {
  const found = boundColumn(request, columns.map(withArrayNote));
  if (found === null) return null;
  await setSince(client, request.sync.since!);
  // text is ordered by code point here, whatever the collation there is
  const type = found.type === "VARCHAR" ? null : await columnType(client, from, found.name);
  return { column: found.name, type };
}

async function* copyLines(
  client: pg.Client,
  sql: string,
  request: ServerRequest,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const { to } = await import("pg-copy-streams");
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const stream = client.query(to(sql, { highWaterMark: 1 << 20 }));
  const cancel = () => {
    cancelBackend(request.target, rows[0]!.pid).catch((error: Error) => stream.destroy(error));
  };
  signal.addEventListener("abort", cancel);
  try {
    if (signal.aborted) cancel();
    yield* stream as AsyncIterable<Buffer>;
  } catch (error) {
    throwIfInterrupted(signal);
    throw fromPostgresqlError(error, request);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}
