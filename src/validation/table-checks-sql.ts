import type { Relation } from "../table/relation.ts";
import { id, lit, type Sql, sql } from "../table/sql.ts";

/** The greatest value of a column of times, in milliseconds and as text; without a zone it is UTC. */
export function newestQuery(relation: Relation, column: string, isZoned: boolean): Sql {
  const value = isZoned
    ? sql`(${id(column)} AT TIME ZONE 'UTC')`
    : sql`CAST(${id(column)} AS TIMESTAMP)`;
  const text = sql`replace(max(${value})::VARCHAR, ' ', 'T') || ${lit(isZoned ? "Z" : "")}`;
  return sql`SELECT epoch_ms(max(${value})) AS ms, ${text} AS shown FROM ${relation.sql}`;
}

/** True for the rows of subjects that stand in more than one split. */
export function inTwoSplits(relation: Relation, subject: string, split: string): Sql {
  const repeated = sql`SELECT ${id(subject)} FROM ${relation.sql} WHERE ${id(subject)} IS NOT NULL GROUP BY ${id(subject)} HAVING count(DISTINCT ${id(split)}) > 1`;
  return sql`(${id(subject)} IN (${repeated}))`;
}
