import { id, type Sql, sql } from "../table/sql.ts";
import type { PlanColumn } from "./plan-types.ts";
import { columnSql } from "./value-sql.ts";

/** Whether the checks see the values of the data as they are. */
export function isPlain({ name, dtype, value, coercion }: PlanColumn): boolean {
  return coercion === null && value.text === columnSql(name, dtype).text;
}

/** Whether a row has no value in the column: it is NULL or NaN. */
export function missingSql(column: PlanColumn): Sql {
  const { name, value } = column;
  if (!isPlainFloat(column)) return sql`(${value} IS NULL)`;
  return sql`(${id(name)} IS NULL OR isnan(${id(name)}))`;
}

/**
 * What a check is asked of: a plain column of floats itself, NaN among its values. Making NaN a NULL in
 * every row takes longer than the check, so `refusedSql` looks for it where the check fails.
 */
export function askedSql(column: PlanColumn): Sql {
  return isPlainFloat(column) ? id(column.name) : column.value;
}

/** Whether a row has a value that does not pass; `passes` is over `askedSql`. */
export function refusedSql(column: PlanColumn, passes: Sql): Sql {
  return isPlainFloat(column)
    ? sql`(NOT ${passes} AND NOT isnan(${id(column.name)}))`
    : sql`(NOT ${passes})`;
}

/** Whether a row has no value, or one that does not pass. */
export function refusedOrMissingSql(column: PlanColumn, passes: Sql): Sql {
  return sql`(${heldSql(column, passes)} IS NOT TRUE)`;
}

/** True where a row has a value that passes, and nowhere else. */
export function heldSql(column: PlanColumn, passes: Sql): Sql {
  return isPlainFloat(column) ? sql`(${passes} AND NOT isnan(${id(column.name)}))` : passes;
}

function isPlainFloat(column: PlanColumn): boolean {
  return column.dtype.kind === "float" && isPlain(column);
}
