import { sql } from "kysely";
import type { Test } from "./clause.ts";
import { all, type Column, passes, type Sql } from "./condition.ts";

/** A table of keys and values that belong to the rows that are searched, such as the params of runs. */
export type ChildRows = Readonly<{
  /** Its name with the schema, and the column that names the owner. */
  table: Sql;
  owner: Sql;
  type: Column["type"];
}>;

/**
 * The condition on one key of a child table: a semi-join, so that PostgreSQL may start from either side.
 * A key is there once for each owner, so all tests of a key are about one row.
 */
export function keyPasses(rows: ChildRows, parent: Sql, key: string, tests: readonly Test[]): Sql {
  const value: Column = { sql: sql`c.value`, type: rows.type };
  const present = tests.filter(({ op }) => op !== "IS NULL");
  const conditions: Sql[] = [];
  if (present.length > 0) {
    const checks = present.filter(({ op }) => op !== "IS NOT NULL");
    const wanted = checks.map((test) => passes(value, test));
    conditions.push(sql`EXISTS (${rowsOf(rows, parent, key, wanted)})`);
  }
  if (present.length < tests.length) {
    conditions.push(sql`NOT EXISTS (${rowsOf(rows, parent, key, [])})`);
  }
  return all(conditions);
}

function rowsOf(rows: ChildRows, parent: Sql, key: string, wanted: readonly Sql[]): Sql {
  const own = sql`c.${rows.owner} = ${parent} AND c.key = ${key}`;
  return sql`SELECT FROM ${rows.table} AS c WHERE ${all([own, ...wanted])}`;
}

/** Joins the row of one key, if there is one, under an alias: to sort by its value. */
export function joinKey(rows: ChildRows, parent: Sql, key: string, alias: string): Sql {
  const name = sql.id(alias);
  return sql`LEFT JOIN ${rows.table} AS ${name}
    ON ${name}.${rows.owner} = ${parent} AND ${name}.key = ${key}`;
}
