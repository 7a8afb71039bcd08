import { type RawBuilder, sql } from "kysely";
import type { Test } from "./clause.ts";
import type { Comparison } from "./grammar.ts";

/** A piece of SQL with its parameters. What a user wrote is always a parameter. */
export type Sql = RawBuilder<unknown>;

/** `id` is a text that only tells rows apart: it is sorted as its index is, other texts bytewise. */
export type ColumnType = "number" | "whole" | "text" | "id" | "time";

/** A value that a row has for a field. */
export type Column = Readonly<{
  sql: Sql;
  type: ColumnType;
  mayBeNull?: boolean;
  /** That it has none, where the planner sees more in another condition than in `IS NULL`. */
  isAbsent?: Sql;
  /** The first `HEAD_CHARACTERS` of a text, where an index holds those. */
  head?: Sql;
}>;

/** How much of a text an index holds: all of it may be more than PostgreSQL takes. */
const HEAD_CHARACTERS = 128;

/** What such an index is over. */
export function headOf(text: Sql): Sql {
  return sql`left(${text}, ${sql.lit(HEAD_CHARACTERS)}) COLLATE "C"`;
}

const COMPARE: Readonly<Record<Comparison, Sql>> = {
  "=": sql`=`,
  "!=": sql`<>`,
  ">": sql`>`,
  ">=": sql`>=`,
  "<": sql`<`,
  "<=": sql`<=`,
};

/** The condition that a column passes a test. A null passes none but IS NULL; NaN only `!=`. */
export function passes({ sql: column, type, head }: Column, test: Test): Sql {
  switch (test.op) {
    case "IS NULL":
      return sql`${column} IS NULL`;
    case "IS NOT NULL":
      return sql`${column} IS NOT NULL`;
    case "IN":
      return sql`${column} = ANY (${listOf(test.value)})`;
    case "NOT IN":
      return sql`${column} <> ALL (${listOf(test.value)})`;
    // Nothing escapes % or _: without ESCAPE '' PostgreSQL would take a backslash for that.
    case "LIKE":
      return sql`${column} LIKE ${test.value} ESCAPE ''`;
    case "ILIKE":
      return sql`${column} ILIKE ${test.value} ESCAPE ''`;
    default: {
      if (typeof test.value === "string") {
        if (test.op === "=" && head !== undefined) return equalsText(column, head, test.value);
        return sql`${column} ${COMPARE[test.op]} ${test.value}`;
      }
      const value = type === "time" ? timeOf(test.value) : sql`${test.value}::double precision`;
      const compared = sql`${column} ${COMPARE[test.op]} ${value}`;
      // PostgreSQL holds NaN for the greatest number; MLflow for none.
      const above = type === "number" && (test.op === ">" || test.op === ">=");
      return above ? sql`(${compared} AND ${column} < 'NaN')` : compared;
    }
  }
}

/** One condition where one says it all: of two, the planner would expect far fewer rows. */
function equalsText(column: Sql, head: Sql, value: string): Sql {
  // JavaScript counts no fewer characters than PostgreSQL does.
  if (value.length < HEAD_CHARACTERS) return sql`${head} = ${value}`;
  return sql`(${head} = ${headOf(sql`${value}::text`)} AND ${column} = ${value})`;
}

/** All of these; true where there is none. */
export function all(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`true` : sql`(${sql.join(conditions, sql` AND `)})`;
}

function listOf(values: readonly string[] | readonly number[]): Sql {
  return typeof values[0] === "number"
    ? sql`${values}::double precision[]`
    : sql`${values}::text[]`;
}

/** PostgreSQL's times begin in 4713 BC; beyond what can be stored any bound is as good as infinity. */
const FIRST_TIME_MS = -210_000_000_000_000;
const LAST_TIME_MS = 8.64e15;

/** A time of so many milliseconds since 1970. */
function timeOf(ms: number): Sql {
  const bound = ms < FIRST_TIME_MS ? -Infinity : ms > LAST_TIME_MS ? Infinity : ms;
  return sql`to_timestamp(${bound}::double precision / 1000)`;
}
