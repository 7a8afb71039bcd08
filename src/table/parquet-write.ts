import type { Engine } from "./engine.ts";
import { lit, type Sql, sql } from "./sql.ts";

/** Rows in a row group; fixed, since it shapes the bytes of the file. */
export const ROW_GROUP_ROWS = 122_880;

/**
 * Writes the rows of a query to a Parquet file, with the same bytes for any number of threads. The
 * query must have a fixed row order: file order, or ORDER BY over a total key.
 */
export async function writeParquet(engine: Engine, query: Sql, path: string): Promise<void> {
  await engine.run(
    sql`COPY (${query}) TO ${lit(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${lit(ROW_GROUP_ROWS)})`,
  );
}
