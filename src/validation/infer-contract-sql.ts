import type { Relation, RelationColumn } from "../table/relation.ts";
import { id, join, lit, type Sql, sql } from "../table/sql.ts";
import { coerceSql } from "./coerce-sql.ts";
import { type Dtype, dataDtype, parseDtype } from "./dtype.ts";
import { columnSql, shownSql } from "./value-sql.ts";

const ISO_DATE = "\\d{4}-\\d{2}-\\d{2}([ T]\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?)?";
const EMAIL = "[^@\\s]+@[^@\\s]+\\.[^@\\s]+";
const PHONE = "(\\+|0)[0-9 ()/.-]{7,}[0-9]";

/** What an inferred contract needs to know of every column, in one scan. */
export function profileQuery(relation: Relation): Sql {
  const parts = relation.columns.flatMap((column, i) => {
    const dtype = dataDtype(column.type, column.duckdbType);
    const value = columnSql(column.name, dtype);
    const facts = { ...ofAll(value), ...ofNumbers(value, dtype), ...ofText(value, dtype) };
    return Object.entries(facts).map(([name, fact]) => sql`${fact} AS ${id(`${name}${i}`)}`);
  });
  return sql`SELECT ${join(parts)} FROM ${relation.sql}`;
}

function ofAll(value: Sql): Record<string, Sql> {
  return { present: sql`count(${value})`, distinct: sql`count(DISTINCT ${value})` };
}

function ofNumbers(value: Sql, dtype: Dtype): Record<string, Sql> {
  if (dtype.kind !== "int" && dtype.kind !== "float") return {};
  const isWhole =
    dtype.kind === "int"
      ? sql`TRUE`
      : sql`bool_and(isfinite(${value}) AND ${value} = trunc(${value}))`;
  return { low: sql`min(${value})`, high: sql`max(${value})`, whole: isWhole };
}

/** The first and last text have the start that all have; the shape has `0` for a digit, `A` and `a` for letters. */
function ofText(value: Sql, dtype: Dtype): Record<string, Sql> {
  if (dtype.kind !== "text") return {};
  const shape = sql`translate(${value}, ${lit("123456789BCDEFGHIJKLMNOPQRSTUVWXYZbcdefghijklmnopqrstuvwxyz")}, ${lit(`${"0".repeat(9)}${"A".repeat(25)}${"a".repeat(25)}`)})`;
  const { fails } = coerceSql(value, dtype, parseDtype("datetime64[ns]")!);
  const isDate = sql`regexp_full_match(${value}, ${lit(ISO_DATE)}) AND NOT ${fails}`;
  return {
    low: sql`min(${value})`,
    high: sql`max(${value})`,
    shortest: sql`min(length(${value}))`,
    longest: sql`max(length(${value}))`,
    least_shape: sql`min(${shape})`,
    greatest_shape: sql`max(${shape})`,
    dates: sql`count(*) FILTER (${isDate})`,
    emails: sql`count(*) FILTER (regexp_full_match(${value}, ${lit(EMAIL)}))`,
    phones: sql`count(*) FILTER (regexp_full_match(${value}, ${lit(PHONE)}))`,
  };
}

/** The distinct values of some columns, each a sorted list, in one more scan. */
export function valuesQuery(relation: Relation, places: readonly number[]): Sql {
  const lists = places.map((place) => {
    const { dtype, value } = typed(relation.columns[place]!);
    const listed = sql`list_sort(list(DISTINCT ${shownSql(value, dtype)}) FILTER (${value} IS NOT NULL))`;
    return sql`${listed} AS ${id(`values${place}`)}`;
  });
  return sql`SELECT ${join(lists)} FROM ${relation.sql}`;
}

function typed({ name, type, duckdbType }: RelationColumn): { dtype: Dtype; value: Sql } {
  const dtype = dataDtype(type, duckdbType);
  return { dtype, value: columnSql(name, dtype) };
}
