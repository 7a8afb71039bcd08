import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { type Engine, type EngineOptions, openEngine } from "../table/engine.ts";
import { writeParquet } from "../table/parquet-write.ts";
import { id, join as joinSql, lit, sql } from "../table/sql.ts";
import { checkColumns, checkOrder } from "./database-columns.ts";
import type { DatabaseSourceParams } from "./database-params.ts";
import { writeParts } from "./database-parts.ts";
import type { DatabaseRequest, DatabaseRows } from "./database-rows.ts";
import { openServerRows } from "./database-server.ts";
import { originOf } from "./origin.ts";
import { openSqliteRows } from "./sqlite-rows.ts";
import type { LocalFile, SyncedSource, SyncRequest } from "./sync-source.ts";

/** Enough for two threads to parse and compress; a block of lines has no work for more of them. */
const PARSE = { memoryLimitMb: 384, threads: 2 };
/** A larger sort goes to disk; more threads would hold more of it in memory at once. */
const SORT = { memoryLimitMb: 256, threads: 1 };

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
  try {
    const parts = await fetchParts({ sync, database, subject, scratch }, effects);
    const folder = join(sync.folder, "rows");
    await rm(folder, { recursive: true, force: true });
    await rename(join(scratch, "rows"), folder);
    return { files: parts.map((part, i) => toLocalFile(part, i, parts.length)), format: "parquet" };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }

  function toLocalFile(part: string, i: number, count: number): LocalFile {
    const name = `${originOf(sync.params)}${count === 1 ? "" : `.${i + 1}`}`;
    return { path: join(sync.folder, "rows", part), name };
  }
}

/** Names of the files inside `rows` of the scratch folder, in the order of their rows. */
async function fetchParts(request: DatabaseRequest, effects: Effects): Promise<string[]> {
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
    parts = await withEngine(PARSE, scratch, (engine) =>
      writeParts(engine, rows.lines, rows.columns, folder, { subject, signal }),
    );
  } finally {
    await rows.close();
  }
  for (const note of rows.notes()) progress.note(`${subject}: ${note}`);
  if (!rows.isOrdered) {
    parts = [await withEngine(SORT, scratch, (engine) => sortParts(engine, parts, rows, database))];
  }
  task.done();
  return parts.map((part) => basename(part));
}

async function withEngine<T>(
  options: EngineOptions,
  scratch: string,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await openEngine({ ...options, tempDirectory: join(scratch, "spill") });
  try {
    return await work(engine);
  } finally {
    engine.close();
  }
}

async function sortParts(
  engine: Engine,
  parts: readonly string[],
  { columns }: DatabaseRows,
  { order_by = [] }: DatabaseSourceParams,
): Promise<string> {
  const rest = columns.map(({ name }) => name).filter((name) => !order_by.includes(name));
  const order = joinSql([...order_by, ...rest].map(id));
  const sorted = join(dirname(parts[0]!), "sorted.parquet");
  const scan = sql`read_parquet(${lit(parts)})`;
  await writeParquet(engine, sql`SELECT * FROM ${scan} ORDER BY ${order}`, sorted);
  for (const part of parts) await rm(part);
  return sorted;
}
