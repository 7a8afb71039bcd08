import type { Engine } from "./engine.ts";
import { type PandasType, toPandasType } from "./pandas-type.ts";
import { type Sql, sql } from "./sql.ts";

export type RelationColumn = Readonly<{ name: string; type: PandasType; duckdbType: string }>;

/** A table that can be read again and again, always in the same order. */
export type Relation = Readonly<{
  /** For FROM: exactly the columns below. */
  sql: Sql;
  /** For FROM: the columns below and `ROW_NUMBER`, the 0-based place of the row in its files. */
  numbered: Sql;
  columns: readonly RelationColumn[];
  rowCount: number;
  /** Parquet files that hold exactly these rows, so that their statistics speak of the table. */
  files?: readonly string[];
}>;

export const ROW_NUMBER = "__row__";

/** Asks the engine for the columns of a table or subquery, and for its rows unless they are known. */
export async function describeRelation(
  engine: Engine,
  from: Sql,
  numbered: Sql,
  rowCount?: number,
): Promise<Relation> {
  const described = await engine.rows(sql`DESCRIBE SELECT * FROM ${from}`);
  const columns = described.map((row) => {
    const duckdbType = String(row["column_type"]);
    return { name: String(row["column_name"]), type: toPandasType(duckdbType), duckdbType };
  });
  const counted = rowCount ?? (await countRows(engine, from));
  return { sql: from, numbered, columns, rowCount: counted };
}

async function countRows(engine: Engine, from: Sql): Promise<number> {
  const [row] = await engine.rows(sql`SELECT count(*) AS n FROM ${from}`);
  return Number(row!["n"]);
}
