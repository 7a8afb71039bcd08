import { type Relation, ROW_NUMBER } from "../table/relation.ts";
import { id, join, lit, type Sql, sql } from "../table/sql.ts";
import type { Cell, Key, Test } from "./plan-types.ts";
import { isAmong } from "./table-checks-sql.ts";
import { shownSql } from "./value-sql.ts";

const row = id(ROW_NUMBER);

export type Counted = Readonly<{ name: string; expression: Sql }>;

/** A query for named expressions, over a table or over none. */
export function selectQuery(counted: readonly Counted[], from: Sql | null): Sql {
  const list = join(counted.map(({ name, expression }) => sql`${expression} AS ${id(name)}`));
  return from === null ? sql`SELECT ${list}` : sql`SELECT ${list} FROM ${from}`;
}

/** LIMIT, where there is one. */
export function limitSql(limit: number): Sql {
  return Number.isFinite(limit) ? sql` LIMIT ${lit(limit)}` : sql``;
}

/** Rows that break a check, or NULL where it has no rows. */
export function brokenSql(test: Test, duplicates: string | undefined): Sql | null {
  switch (test.kind) {
    case "rows":
      return test.fails;
    case "cells":
      return test.isNullBroken === null
        ? anyCell(test.cells)
        : sql`(${anyCell(test.cells)} OR ${test.isNullBroken})`;
    case "duplicates":
      return duplicates === undefined ? null : isAmong(duplicates);
    default:
      return null;
  }
}

const CONDITIONS_TOGETHER = 100;

/**
 * Whether any condition holds. Thousands stand in groups, kept apart by CASE: DuckDB's optimizer takes
 * the square of the length of an OR.
 */
export function anyOf(conditions: readonly Sql[]): Sql {
  if (conditions.length === 0) return sql`FALSE`;
  if (conditions.length <= CONDITIONS_TOGETHER) return sql`(${join(conditions, " OR ")})`;
  const groups: Sql[] = [];
  for (let at = 0; at < conditions.length; at += CONDITIONS_TOGETHER) {
    const group = conditions.slice(at, at + CONDITIONS_TOGETHER);
    groups.push(sql`WHEN ${join(group, " OR ")} THEN TRUE`);
  }
  return sql`(CASE ${join(groups, " ")} ELSE FALSE END)`;
}

function anyCell(cells: readonly Cell[]): Sql {
  return anyOf(cells.map((cell) => cell.fails));
}

/** The aggregates of a check of a whole column: `f` other values, `d` wanted ones, `n` nulls, `c` values. */
export function valuesCounts(test: Test, place: number): Counted[] {
  if (test.kind === "decided" && test.given !== undefined) {
    return [{ name: `n${place}`, expression: sql`count(${test.given})` }];
  }
  if (test.kind !== "values") return [];
  const { value, isIn, nullsBreak } = test;
  return [
    { name: `f${place}`, expression: sql`count(*) FILTER (WHERE NOT ${isIn})` },
    { name: `d${place}`, expression: sql`count(DISTINCT ${value}) FILTER (WHERE ${isIn})` },
    { name: `n${place}`, expression: nullsBreak ? sql`count(*) - count(${value})` : sql`0` },
    { name: `c${place}`, expression: sql`count(${value})` },
  ];
}

/** Whether any combination of keys stands in more than one row; nulls equal each other. */
export function hasDuplicatesQuery(relation: Relation, keys: readonly Key[]): Sql {
  const values = join(keys.map((key) => key.value));
  return sql`SELECT count(*) AS n FROM (SELECT 1 FROM ${relation.sql} GROUP BY ${values} HAVING count(*) > 1 LIMIT 1)`;
}

/** The rows that are reported as duplicates, with their keys as `k0`, `k1` …; nulls alone have no case. */
export function duplicateRowsTable(
  relation: Relation,
  test: Extract<Test, { kind: "duplicates" }>,
  table: string,
): Sql {
  const names = test.keys.map((_, i) => keyName(i));
  const keys = join(test.keys.map((key, i) => sql`${key.value} AS ${names[i]!}`));
  const base = sql`(SELECT ${row}, ${keys} FROM ${relation.numbered})`;
  const all = join(names);
  const matching = join(
    names.map((name) => sql`b.${name} IS NOT DISTINCT FROM g.${name}`),
    " AND ",
  );
  const groups = sql`(SELECT ${all} FROM ${base} GROUP BY ${all} HAVING count(*) > 1)`;
  const ours = join(names.map((name) => sql`b.${name}`));
  const hasValue = anyOf(names.map((name) => sql`b.${name} IS NOT NULL`));
  const order = test.keep === "exclude_last" ? sql`DESC` : sql`ASC`;
  const kept =
    test.keep === "all"
      ? sql``
      : sql` QUALIFY row_number() OVER (PARTITION BY ${ours} ORDER BY b.${row} ${order}) > 1`;
  return sql`CREATE TABLE ${id(table)} AS SELECT b.${row}, ${ours} FROM ${base} b JOIN ${groups} g ON ${matching} WHERE ${hasValue}${kept}`;
}

/** How many cases a uniqueness check has: one a column and row, null cells left out, as in pandas. */
export function duplicateCountQuery(keys: readonly Key[], table: string): Sql {
  const counts = join(
    keys.map((_, i) => sql`count(${keyName(i)})`),
    " + ",
  );
  return sql`SELECT ${counts} AS n FROM ${id(table)}`;
}

/** The cases of one of its columns, in row order. */
export function duplicateCasesQuery(key: Key, place: number, table: string, limit: number): Sql {
  const name = keyName(place);
  return sql`SELECT ${row} AS r, ${shownSql(name, key.dtype)} AS v FROM ${id(table)} WHERE ${name} IS NOT NULL ORDER BY ${row}${limitSql(limit)}`;
}

function keyName(place: number): Sql {
  return id(`k${place}`);
}
