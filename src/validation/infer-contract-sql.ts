import type { Relation } from "../table/relation.ts";
import { id, join, type Sql, sql } from "../table/sql.ts";
import { dataDtype } from "./dtype.ts";
import { columnSql, shownSql } from "./value-sql.ts";

/** What an inferred contract needs to know of every column, in one scan. */
export function profileQuery(relation: Relation): Sql {
  const parts = relation.columns.flatMap((column, i) => {
    const dtype = dataDtype(column.type, column.duckdbType);
    const value = columnSql(column.name, dtype);
    const named = (letter: string, expression: Sql) => sql`${expression} AS ${id(`${letter}${i}`)}`;
    const hasRange = dtype.kind === "int" || dtype.kind === "float";
    return [
      named("n", sql`count(${value})`),
      named("d", sql`count(DISTINCT ${value})`),
      named("lo", hasRange ? sql`min(${value})` : sql`NULL`),
      named("hi", hasRange ? sql`max(${value})` : sql`NULL`),
    ];
  });
  return sql`SELECT ${join(parts)} FROM ${relation.sql}`;
}

/** The distinct values of a column, in order. */
export function distinctQuery(relation: Relation, place: number): Sql {
  const column = relation.columns[place]!;
  const dtype = dataDtype(column.type, column.duckdbType);
  const value = columnSql(column.name, dtype);
  return sql`SELECT DISTINCT ${shownSql(value, dtype)} AS v FROM ${relation.sql} WHERE ${value} IS NOT NULL ORDER BY v`;
}
