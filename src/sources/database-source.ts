import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { type Engine, openEngine } from "../table/engine.ts";
import { parquetQuery } from "../table/parquet-source.ts";
import { writeParquet } from "../table/parquet-write.ts";
import { id, join as joinSql, sql } from "../table/sql.ts";
import { checkColumns, checkOrder } from "./database-columns.ts";
import type { DatabaseSourceParams } from "./database-params.ts";
import { writeParts } from "./database-parts.ts";
import type { DatabaseRequest, DatabaseRows } from "./database-rows.ts";
import { openServerRows } from "./database-server.ts";
import { originOf } from "./origin.ts";
import { openSqliteRows } from "./sqlite-rows.ts";
import type { LocalFile, SyncedSource, SyncRequest } from "./sync-source.ts";

/** Enough for two threads to parse and compress; a larger sort goes to disk. */
const MEMORY_LIMIT_MB = 384;

/**
 * A table or query of a database → Parquet files in the source's folder, read in one snapshot. The
 * order of rows is always the same: that of the primary key or, where there is none or another order
 * is asked for, a sort on this machine by `order_by` and then by every other column, in code point
 * order, which leaves nothing to the collation or the plan of a server.
 */
export async function syncDatabase(
  sync: SyncRequest,
  database: DatabaseSourceParams,
  effects: Effects,
): Promise<SyncedSource> {
  const subject = `sources.${sync.name}`;
  const scratch = join(sync.folder, "new");
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  const engine = await openEngine({
    memoryLimitMb: MEMORY_LIMIT_MB,
    tempDirectory: join(scratch, "spill"),
  });
  try {
    const parts = await fetchParts(engine, { sync, database, subject, scratch }, effects);
    const folder = join(sync.folder, "rows");
    await rm(folder, { recursive: true, force: true });
    await rename(join(scratch, "rows"), folder);
    return { files: parts.map((part, i) => toLocalFile(part, i, parts.length)), format: "parquet" };
  } finally {
    engine.close();
    await rm(scratch, { recursive: true, force: true });
  }

  function toLocalFile(part: string, i: number, count: number): LocalFile {
    const name = `${originOf(sync.params)}${count === 1 ? "" : `.${i + 1}`}`;
    return { path: join(sync.folder, "rows", part), name };
  }
}

/** Names of the files inside `rows` of the scratch folder, in the order of their rows. */
async function fetchParts(
  engine: Engine,
  request: DatabaseRequest,
  effects: Effects,
): Promise<string[]> {
  const { sync, database, subject, scratch } = request;
  const { signal, progress } = effects;
  const task = progress.start(`fetch: ${sync.name}`, undefined, "bytes");
  const folder = join(scratch, "rows");
  await mkdir(folder);
  const open = database.sqlite === undefined ? openServerRows : openSqliteRows;
  const rows = await open(request, effects);
  let parts: string[];
  try {
    checkColumns(rows.columns, subject);
    checkOrder(database.order_by ?? [], rows.columns, subject);
    parts = await writeParts(engine, rows.lines, rows.columns, folder, { subject, signal });
  } finally {
    await rows.close();
  }
  for (const note of rows.notes()) progress.note(`${subject}: ${note}`);
  if (!rows.isOrdered) parts = [await sortParts(engine, parts, rows, database)];
  task.done();
  return parts.map((part) => part.slice(folder.length + 1));
}

async function sortParts(
  engine: Engine,
  parts: readonly string[],
  { columns }: DatabaseRows,
  { order_by = [] }: DatabaseSourceParams,
): Promise<string> {
  const rest = columns.map(({ name }) => name).filter((name) => !order_by.includes(name));
  const order = joinSql([...order_by, ...rest].map(id));
  const sorted = parts[0]!.replace(/[^/\\]*$/, "sorted.parquet");
  await writeParquet(engine, sql`SELECT * FROM (${parquetQuery(parts)}) ORDER BY ${order}`, sorted);
  for (const part of parts) await rm(part);
  return sorted;
}
