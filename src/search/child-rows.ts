import { sql } from "kysely";
import type { Order, Test } from "./clause.ts";
import { all, type Column, headOf, passes, type Sql } from "./condition.ts";

/** A table of keys and values that belong to the rows that are searched, such as the params of runs. */
export type ChildRows = Readonly<{
  /** Its name with the schema, and the column that names the owner. */
  table: Sql;
  owner: Sql;
  type: Column["type"];
  /** That an index holds how the values of each key begin. */
  headIndexed?: boolean;
  /** That an index holds the values of each key, in order. */
  valueIndexed?: boolean;
  /** Where a key may have several rows for one owner: which of them count, and which is sorted by. */
  several?: Readonly<{
    /** The condition on the rows `c` that count, in a filter or in this order. */
    among(order?: Order): Sql;
    /** The row sorted by comes first. */
    order: Sql;
  }>;
}>;

/**
 * The condition on one key of a child table: a semi-join, so that PostgreSQL may start from either side.
 * Where a key is there once for each owner, all tests of it are about that row; else each is about any.
 */
export function keyPasses(rows: ChildRows, parent: Sql, key: string, tests: readonly Test[]): Sql {
  if (rows.several === undefined) return onePasses(rows, parent, key, tests);
  return all(tests.map((test) => onePasses(rows, parent, key, [test])));
}

function onePasses(rows: ChildRows, parent: Sql, key: string, tests: readonly Test[]): Sql {
  const value = valueColumn(rows, "c");
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
  const own = [sql`c.${rows.owner} = ${parent} AND c.key = ${key}`];
  if (rows.several !== undefined) own.push(rows.several.among());
  return sql`SELECT FROM ${rows.table} AS c WHERE ${all([...own, ...wanted])}`;
}

/** The value of a row of the table under an alias. */
export function valueColumn({ type, headIndexed }: ChildRows, alias: string): Column {
  const value = sql`${sql.id(alias)}.value`;
  return { sql: value, type, ...(headIndexed === true ? { head: headOf(value) } : {}) };
}

/** Joins the value of the key of an order, if there is one, under an alias. */
export function joinKey(rows: ChildRows, parent: Sql, order: Order, alias: string): Sql {
  const name = sql.id(alias);
  if (rows.several === undefined) {
    return sql`LEFT JOIN ${rows.table} AS ${name}
      ON ${name}.${rows.owner} = ${parent} AND ${name}.key = ${order.key}`;
  }
  return sql`LEFT JOIN LATERAL (
      SELECT c.value FROM ${rows.table} AS c
      WHERE c.${rows.owner} = ${parent} AND c.key = ${order.key} AND ${rows.several.among(order)}
      ORDER BY ${rows.several.order} LIMIT 1
    ) AS ${name} ON true`;
}
