import { DuetMindError } from "../core/errors.ts";
import { type Relation, ROW_NUMBER } from "../table/relation.ts";
import { id, join, lit, type Sql, sql } from "../table/sql.ts";
import type { BadRows } from "./validate-relation.ts";

const row = id(ROW_NUMBER);

/** The rows for which any reason holds, as they came, with their number and all their reasons. */
export function quarantineQuery(relation: Relation, badRows: readonly BadRows[]): Sql {
  const columns = join(relation.columns.map((column) => id(column.name)));
  const reasons = badRows.map(
    ({ reason, condition }) => sql`CASE WHEN ${condition} THEN ${lit(reason)} END`,
  );
  const all = reasons.length === 0 ? sql`''` : sql`concat_ws('; ', ${join(reasons)})`;
  const inner = sql`SELECT ${row}, ${columns}, ${all} AS "reasons" FROM ${relation.numbered}`;
  return sql`SELECT ${row} AS "row_number", ${columns}, "reasons" FROM (${inner}) WHERE "reasons" <> '' ORDER BY ${row}`;
}

/** All rows of a relation in their order. */
export function orderedQuery(relation: Relation): Sql {
  if (relation.columns.length === 0) {
    throw new DuetMindError(
      "DATA_EMPTY",
      "output: expected a column that the contract keeps, got none",
    );
  }
  const columns = join(relation.columns.map((column) => id(column.name)));
  return sql`SELECT ${columns} FROM ${relation.numbered} ORDER BY ${row}`;
}

/** The first rows of a relation, for FROM. */
export function firstRows(relation: Relation, count: number): { sql: Sql; numbered: Sql } {
  const columns = join(relation.columns.map((column) => id(column.name)));
  const where = sql`FROM ${relation.numbered} WHERE ${row} < ${lit(count)}`;
  return {
    sql: sql`(SELECT ${columns} ${where})`,
    numbered: sql`(SELECT ${columns}, ${row} ${where})`,
  };
}

/** Copies the first records of CSV files as they are written, without a look at their types. */
export function copyFirstRecords(
  from: readonly string[],
  to: string,
  format: "csv" | "tsv",
  count: number,
): Sql {
  const delimiter = lit(format === "tsv" ? "\t" : ",");
  const records = sql`read_csv(${lit(from)}, all_varchar = true, header = true, delim = ${delimiter}, quote = '"', escape = '"', parallel = false)`;
  return sql`COPY (SELECT * FROM ${records} LIMIT ${lit(count)}) TO ${lit(to)} (FORMAT csv, HEADER, DELIMITER ${delimiter})`;
}
