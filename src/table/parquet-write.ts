/**
 * Parquet with the same bytes for any number of threads.
 *
 * DuckDB prepares row groups in parallel and cuts them from the batches that its source hands out: it
 * merges and splits batches near the wanted size, within 2,048 rows of it, at moments that depend on
 * timing. Two ways do not:
 *
 * - A sorted query hands out full batches of 2,048-row chunks, which are cut at exactly 122,880 rows.
 * - `ROW_GROUP_SIZE 0` says that any batch will do, so each batch of a file scan (about 8 MB of CSV,
 *   or a row group of Parquet) becomes a row group. It needs two threads: with one, DuckDB takes
 *   another path, which flushes at every chunk.
 *
 * Any other query is written by one thread. test/table/parquet-write.test.ts compares the digests.
 */
import type { Engine } from "./engine.ts";
import { lit, type Sql, sql } from "./sql.ts";

/** Rows in a row group of a sorted query; fixed, since it shapes the bytes of the file. */
export const ROW_GROUP_ROWS = 122_880;

/**
 * Writes the rows of a query. For speed give the query an ORDER BY over a total key at its end;
 * without one it must have a fixed order of its own.
 */
export async function writeParquet(engine: Engine, query: Sql, path: string): Promise<void> {
  const isSorted = await endsInSort(engine, query);
  await engine.withThreads(isSorted ? engine.threads : 1, () =>
    copy(engine, query, path, ROW_GROUP_ROWS),
  );
}

/** Writes the rows of a plain scan of files (columns computed, no filter, no join), in file order. */
export async function writeScan(engine: Engine, query: Sql, path: string): Promise<void> {
  await engine.withThreads(Math.max(2, engine.threads), () => copy(engine, query, path, 0));
}

function copy(engine: Engine, query: Sql, path: string, rowGroupRows: number): Promise<void> {
  return engine.run(
    sql`COPY (${query}) TO ${lit(path)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE ${lit(rowGroupRows)})`,
  );
}

/** Whether the plan sorts last; columns may be computed after the sort, as that keeps the order. */
async function endsInSort(engine: Engine, query: Sql): Promise<boolean> {
  const [row] = await engine.rows(sql`EXPLAIN (FORMAT json) ${query}`);
  let [node] = JSON.parse(String(row!["explain_value"])) as PlanNode[];
  while (node !== undefined && node.name === "PROJECTION") [node] = node.children;
  return node?.name === "ORDER_BY";
}

type PlanNode = Readonly<{ name: string; children: readonly PlanNode[] }>;
