import { type Relation, ROW_NUMBER } from "../table/relation.ts";
import { id, join, lit, raw, type Sql, sql } from "../table/sql.ts";
import type { Cell, Key, PlannedCheck, Test } from "./plan-types.ts";
import { shownSql } from "./value-sql.ts";

/**
 * The two scans of a validation. The first counts what every check finds, in one aggregate SELECT; the
 * second, over the failed checks only, brings the first cases of each (`arg_min` keeps the n smallest
 * row numbers, so memory is bounded) and the exact number of bad rows.
 */
const row = id(ROW_NUMBER);

export type Counted = Readonly<{ name: string; expression: Sql }>;

/** The aggregates of one check; names are `f` (failed), `c` (checked), `n`, `d` with its place. */
export function countSql(test: Test, place: number): Counted[] {
  const named = (letter: string, expression: Sql) => ({ name: `${letter}${place}`, expression });
  const all = sql`count(*)`;
  switch (test.kind) {
    case "decided":
    case "duplicates":
      return [];
    case "rows": {
      const failed = sql`count(*) FILTER (WHERE ${test.fails})`;
      const checked = test.checked === null ? all : sql`count(${test.checked})`;
      return [named("f", failed), named("c", checked)];
    }
    case "cells": {
      const failed = sql`count(*) FILTER (WHERE ${anyCell(test.cells)})`;
      const nulls = test.isNullBroken ?? sql`FALSE`;
      return [
        named("f", failed),
        named("c", all),
        named("n", sql`count(*) FILTER (WHERE ${nulls})`),
      ];
    }
    case "values": {
      const others = sql`count(*) FILTER (WHERE NOT ${test.isIn})`;
      const found = sql`count(DISTINCT ${test.value}) FILTER (WHERE ${test.isIn})`;
      const nulls = sql`count(*) - count(${test.value})`;
      return [
        named("f", others),
        named("d", found),
        named("n", test.nullsBreak ? nulls : sql`0`),
        named("c", sql`count(${test.value})`),
      ];
    }
  }
}

export function countQuery(
  relation: Relation,
  counted: readonly Counted[],
  usesIndex: boolean,
): Sql {
  const list = counted.map(({ name, expression }) => sql`${expression} AS ${id(name)}`);
  return sql`SELECT ${join(list)} FROM ${usesIndex ? relation.numbered : relation.sql}`;
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
      return duplicates === undefined
        ? null
        : sql`(${row} IN (SELECT ${row} FROM ${id(duplicates)}))`;
    default:
      return null;
  }
}

export function anyOf(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`FALSE` : sql`(${join(conditions, " OR ")})`;
}

function anyCell(cells: readonly Cell[]): Sql {
  return anyOf(cells.map((cell) => cell.fails));
}

/** What the cases of a check hold: the row, and its value or a value for each broken cell. */
function caseSql(test: Test): { fails: Sql; value: Sql } | null {
  if (test.kind === "rows") return { fails: test.fails, value: test.shown };
  if (test.kind !== "cells") return null;
  const fields = test.cells.map(
    (cell, i) => sql`${raw(`'v${i}'`)}: CASE WHEN ${cell.fails} THEN ${cell.shown} END`,
  );
  return { fails: anyCell(test.cells), value: sql`{${join(fields)}}` };
}

/** Above this the cases of a check get a query of their own: DuckDB keeps `arg_min` lists in memory. */
export const LISTED_IN_SCAN = 10_000;

/** The first cases of every given check, each a list of `{r, v}` named `l` with its place. */
export function casesInScan(checks: readonly Placed[], limit: number): Counted[] {
  return checks.flatMap(({ place, check }) => {
    const found = caseSql(check.test);
    if (found === null) return [];
    const most = lit(Math.min(limit, check.limit ?? limit));
    const list = sql`arg_min({'r': ${row}, 'v': ${found.value}}, ${row}, ${most}) FILTER (WHERE ${found.fails})`;
    return [{ name: `l${place}`, expression: list }];
  });
}

export type Placed = Readonly<{ place: number; check: PlannedCheck }>;

/** All cases of one check, in row order. */
export function casesQuery(relation: Relation, check: PlannedCheck, limit: number): Sql | null {
  const found = caseSql(check.test);
  if (found === null) return null;
  const most = Math.min(limit, check.limit ?? limit);
  const capped = Number.isFinite(most) ? sql` LIMIT ${lit(most)}` : sql``;
  return sql`SELECT ${row} AS r, ${found.value} AS v FROM ${relation.numbered} WHERE ${found.fails} ORDER BY ${row}${capped}`;
}

/** Whether any combination of keys stands in more than one row; nulls equal each other. */
export function hasDuplicatesQuery(relation: Relation, keys: readonly Key[]): Sql {
  const values = join(keys.map((key) => key.value));
  return sql`SELECT count(*) AS n FROM (SELECT 1 FROM ${relation.sql} GROUP BY ${values} HAVING count(*) > 1 LIMIT 1)`;
}

/** The rows that are reported as duplicates, with their keys as `k0`, `k1` … */
export function duplicateRowsTable(
  relation: Relation,
  test: Extract<Test, { kind: "duplicates" }>,
  table: string,
): Sql {
  const names = test.keys.map((_, i) => keyName(i));
  const keys = join(test.keys.map((key, i) => sql`${key.value} AS ${names[i]!}`));
  const base = sql`(SELECT ${row}, ${keys} FROM ${relation.numbered})`;
  const listed = join(names);
  const matching = join(
    names.map((name) => sql`b.${name} IS NOT DISTINCT FROM g.${name}`),
    " AND ",
  );
  const groups = sql`(SELECT ${listed} FROM ${base} GROUP BY ${listed} HAVING count(*) > 1)`;
  const ours = join(names.map((name) => sql`b.${name}`));
  const order = test.keep === "exclude_last" ? sql`DESC` : sql`ASC`;
  const kept =
    test.keep === "all"
      ? sql``
      : sql` QUALIFY row_number() OVER (PARTITION BY ${ours} ORDER BY b.${row} ${order}) > 1`;
  return sql`CREATE TABLE ${id(table)} AS SELECT b.${row}, ${ours} FROM ${base} b JOIN ${groups} g ON ${matching}${kept}`;
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
  const capped = Number.isFinite(limit) ? sql` LIMIT ${lit(limit)}` : sql``;
  return sql`SELECT ${row} AS r, ${shownSql(name, key.dtype)} AS v FROM ${id(table)} WHERE ${name} IS NOT NULL ORDER BY ${row}${capped}`;
}

function keyName(place: number): Sql {
  return id(`k${place}`);
}
