import { type Relation, ROW_NUMBER } from "../table/relation.ts";
import { id, join, raw, type Sql, sql } from "../table/sql.ts";
import type { Test } from "./plan-types.ts";
import { anyOf, type Counted, limitSql } from "./scan-sql.ts";

/**
 * The one scan of a validation brings the rows that break any check into a table: their number, one
 * flag for each condition, and each value that a report shows. All counts and cases then come from
 * that table, which is small where the data is good and spills to disk where it is not. On good data a
 * WHERE over all conditions is also cheaper than a filtered count for each.
 */
export type FailedRows = Readonly<{
  table: Sql;
  /** Names of the flags and of the values, by the text of what they hold. */
  flags: ReadonlyMap<string, Sql>;
  values: ReadonlyMap<string, Sql>;
}>;

const row = id(ROW_NUMBER);

export type FailedRowsPlan = Readonly<{ rows: FailedRows; create: Sql | null }>;

/** Plans the table for these tests; `more` are conditions to know of beside them. */
export function planFailedRows(
  relation: Relation,
  table: string,
  tests: readonly Test[],
  more: readonly Sql[],
): FailedRowsPlan {
  const conditions = unique([...tests.flatMap(conditionsOf), ...more]);
  const values = unique(tests.flatMap(valuesOf));
  const columns = [
    row,
    ...conditions.map((condition, i) => sql`${condition} AS ${id(`f${i}`)}`),
    ...values.map((value, i) => sql`${value} AS ${id(`v${i}`)}`),
  ];
  const rows = {
    table: id(table),
    flags: new Map(conditions.map((condition, i) => [condition.text, id(`f${i}`)])),
    values: new Map(values.map((value, i) => [value.text, id(`v${i}`)])),
  };
  const create = sql`CREATE TABLE ${rows.table} AS SELECT ${join(columns)} FROM ${relation.numbered} WHERE ${suspectSql(tests, conditions)}`;
  return { rows, create: conditions.length === 0 ? null : create };
}

function unique(pieces: readonly Sql[]): Sql[] {
  return [...new Map(pieces.map((piece) => [piece.text, piece])).values()];
}

/** How many conditions stand in one AND. */
const HELD_TOGETHER = 100;

/**
 * Whether a row may break any of the conditions. Where a column's missing values are among them, no row
 * breaks one whose value is there and passes its checks: one question in the place of two and more.
 */
function suspectSql(tests: readonly Test[], conditions: readonly Sql[]): Sql {
  const asked = new Set(conditions.map(({ text }) => text));
  const answered = new Set<string>();
  const held: Sql[] = [];
  for (const test of tests) {
    if (test.kind !== "rows" || test.held === undefined || test.checked === null) continue;
    const missing = test.checked.isMissing.text;
    if (!asked.has(missing)) continue;
    held.push(test.held);
    answered.add(missing).add(test.fails.text);
  }
  const groups: Sql[] = [];
  for (let at = 0; at < held.length; at += HELD_TOGETHER) {
    const group = held.slice(at, at + HELD_TOGETHER);
    groups.push(sql`CASE WHEN ${join(group, " AND ")} THEN FALSE ELSE TRUE END`);
  }
  return anyOf([...groups, ...conditions.filter(({ text }) => !answered.has(text))]);
}

/** What makes a row a failed one. */
function conditionsOf(test: Test): Sql[] {
  if (test.kind === "rows") return [test.fails];
  if (test.kind !== "cells") return [];
  const cells = test.cells.map((cell) => cell.fails);
  return test.isNullBroken === null ? cells : [...cells, test.isNullBroken];
}

function valuesOf(test: Test): Sql[] {
  if (test.kind === "rows") return [test.shown];
  return test.kind === "cells" ? test.cells.map((cell) => cell.shown) : [];
}

/** Over the table: true where a condition held. */
export function flagSql(rows: FailedRows, condition: Sql): Sql {
  return rows.flags.get(condition.text) ?? sql`FALSE`;
}

/** Over the table: rows that break a test, nulls that break it as a whole included. */
export function brokenFlag(rows: FailedRows, test: Test): Sql {
  return anyOf(conditionsOf(test).map((condition) => flagSql(rows, condition)));
}

/** Counts over the table: `f` failed and `n` broken by nulls with the place of the test, `x` more. */
export function failedCounts(
  rows: FailedRows,
  tests: readonly Test[],
  more: readonly Sql[],
): Counted[] {
  const count = (name: string, condition: Sql): Counted => ({
    name,
    // a FILTER copies every column of the query for each aggregate, which thousands of checks feel
    expression: sql`count_if(${condition})`,
  });
  const counted = tests.flatMap((test, place): Counted[] => {
    if (test.kind === "rows") return [count(`f${place}`, flagSql(rows, test.fails))];
    if (test.kind !== "cells") return [];
    const cells = anyOf(test.cells.map((cell) => flagSql(rows, cell.fails)));
    const nulls = test.isNullBroken === null ? [] : [flagSql(rows, test.isNullBroken)];
    return [count(`f${place}`, cells), ...nulls.map((condition) => count(`n${place}`, condition))];
  });
  return [...counted, ...more.map((condition, i) => count(`x${i}`, flagSql(rows, condition)))];
}

/** The cases of a test, in row order: the row `r`, and `v`, its value or a value for each broken cell. */
export function casesQuery(
  rows: FailedRows,
  test: Extract<Test, { kind: "rows" | "cells" }>,
  limit: number,
): Sql {
  const fails =
    test.kind === "rows"
      ? flagSql(rows, test.fails)
      : anyOf(test.cells.map((cell) => flagSql(rows, cell.fails)));
  const value = test.kind === "rows" ? rows.values.get(test.shown.text)! : cellValues(rows, test);
  return sql`SELECT ${row} AS r, ${value} AS v FROM ${rows.table} WHERE ${fails} ORDER BY ${row}${limitSql(limit)}`;
}

function cellValues(rows: FailedRows, test: Extract<Test, { kind: "cells" }>): Sql {
  const fields = test.cells.map(({ fails, shown }, i) => {
    const value = rows.values.get(shown.text)!;
    return sql`${raw(`'v${i}'`)}: CASE WHEN ${flagSql(rows, fails)} THEN ${value} END`;
  });
  return sql`{${join(fields)}}`;
}

/** How many rows break any of these tests; `duplicates` are tables of rows that repeat. */
export function brokenRowsQuery(
  rows: FailedRows,
  tests: readonly Test[],
  duplicates: readonly string[],
): Sql {
  const broken = anyOf(tests.map((test) => brokenFlag(rows, test)));
  if (duplicates.length === 0) return sql`SELECT count(*) AS n FROM ${rows.table} WHERE ${broken}`;
  const parts = [
    ...(tests.length === 0 ? [] : [sql`SELECT ${row} FROM ${rows.table} WHERE ${broken}`]),
    ...duplicates.map((table) => sql`SELECT ${row} FROM ${id(table)}`),
  ];
  return sql`SELECT count(DISTINCT ${row}) AS n FROM (${join(parts, " UNION ALL ")})`;
}

/** Makes away with the table, if there is one. */
export function dropRows(rows: FailedRows): Sql {
  return sql`DROP TABLE IF EXISTS ${rows.table}`;
}
