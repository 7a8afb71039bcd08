import { fromDuckDbError } from "./duckdb-error.ts";
import type { Engine } from "./engine.ts";
import { describeRelation, type Relation, ROW_NUMBER } from "./relation.ts";
import { id, join, lit, type Sql, sql } from "./sql.ts";

/** Parquet files where they lie, as one table in file order. */
export async function openParquet(engine: Engine, files: readonly string[]): Promise<Relation> {
  try {
    const counts = await Promise.all(files.map((file) => countRows(engine, file)));
    let before = 0;
    const numbered = files.map((file, i) => {
      const first = before;
      before += counts[i]!;
      const scan = readSql(file, sql`, file_row_number = true`);
      return sql`SELECT * EXCLUDE (file_row_number), file_row_number + ${lit(first)} AS ${id(ROW_NUMBER)} FROM ${scan}`;
    });
    const relation = await describeRelation(
      engine,
      sql`(${parquetQuery(files)})`,
      sql`(${join(numbered, " UNION ALL ")})`,
      before,
    );
    return { ...relation, files };
  } catch (error) {
    throw fromDuckDbError(error, files.join(", "));
  }
}

export function parquetQuery(files: readonly string[]): Sql {
  return join(
    files.map((file) => sql`SELECT * FROM ${readSql(file)}`),
    " UNION ALL ",
  );
}

/** Other writers leave NaN out of a column's bounds; DuckDB must not conclude that there is none. */
function readSql(file: string, more: Sql = sql``): Sql {
  return sql`read_parquet(${lit(file)}, can_have_nan = true${more})`;
}

async function countRows(engine: Engine, file: string): Promise<number> {
  const [row] = await engine.rows(sql`SELECT num_rows FROM parquet_file_metadata(${lit(file)})`);
  return Number(row!["num_rows"]);
}
