import { sql } from "kysely";
import { type ChildRows, joinKey, keyPasses, valueColumn } from "./child-rows.ts";
import { type Clause, fieldName, groupByField, type Order, type Test } from "./clause.ts";
import { type Column, passes, type Sql } from "./condition.ts";
import type { SortColumn } from "./keyset.ts";
import type { Walk } from "./walk-key.ts";

/** Where the fields of a grammar are in the database. */
export type Source<E extends string> = Readonly<{
  /** The id of the searched row, that its child rows name. */
  id: Sql;
  /** The columns of the searched row itself, by the names of the grammar. */
  columns: Readonly<Record<string, Column>>;
  /** The entities that are child tables of keys and values. */
  children: Readonly<Partial<Record<E, ChildRows>>>;
  /** The condition of an entity that is neither. */
  related?(entity: E, key: string, test: Test): Sql;
}>;

export type SearchPlan = Readonly<{
  /** Joins of the keys that are sorted by; each finds one row at most. */
  joins: readonly Sql[];
  conditions: readonly Sql[];
  columns: readonly SortColumn[];
  /** Where the order is by one key, whose index gives it. */
  walk?: Walk;
}>;

/**
 * Plans the query of a search. A key that is sorted by is joined, and a condition on it is put to the
 * joined row: one range of one index then gives both. `ties` go behind the order, to make it total.
 */
export function planSearch<E extends string>(
  source: Source<E>,
  clauses: readonly Clause<E>[],
  orders: readonly Order<E>[],
  ties: readonly Order<E>[],
): SearchPlan {
  const groups = groupByField(clauses);
  const ordered = new Set(orders.map(fieldName));
  const all = [...orders, ...ties.filter((tie) => !ordered.has(fieldName(tie)))];
  const joins: Sql[] = [];
  const found = new Map<string, Column>();
  for (const order of all) {
    const rows = source.children[order.entity];
    if (rows === undefined) continue;
    const alias = `o${joins.length}`;
    joins.push(joinKey(rows, source.id, order, alias));
    found.set(fieldName(order), joinedColumn(rows, alias));
  }
  const columnOf = (field: Readonly<{ entity: E; key: string }>) =>
    found.get(fieldName(field)) ??
    (field.entity in source.children ? undefined : source.columns[field.key]);
  const conditions = groups.flatMap(({ entity, key, tests }) => {
    const rows = source.children[entity];
    const column = rows?.several === undefined ? columnOf({ entity, key }) : undefined;
    if (column !== undefined) return tests.map((test) => passes(column, test));
    if (rows !== undefined) return [keyPasses(rows, source.id, key, tests)];
    return tests.map((test) => source.related!(entity, key, test));
  });
  const tested = new Map(groups.map((group) => [fieldName(group), group.tests]));
  const columns = all.map((order) => {
    const several = source.children[order.entity]?.several !== undefined;
    const tests = several ? [] : (tested.get(fieldName(order)) ?? []);
    return toSortColumn(columnOf(order)!, order.direction, tests);
  });
  const [first] = all;
  const rows = source.children[first!.entity];
  if (rows?.valueIndexed !== true || joins.length > 1) return { joins, conditions, columns };
  const tests = tested.get(fieldName(first!)) ?? [];
  const own = tests.map((test) => passes(columnOf(first!)!, test));
  return { joins, conditions, columns, walk: { rows, key: first!.key, conditions: own } };
}

/** A left join without a row is known for an anti-join by the column that it joins on. */
function joinedColumn(rows: ChildRows, alias: string): Column {
  const isAbsent =
    rows.several === undefined ? { isAbsent: sql`${sql.id(alias)}.${rows.owner} IS NULL` } : {};
  return { ...valueColumn(rows, alias), mayBeNull: true, ...isAbsent };
}

/** What the filter rules out need not be looked for: a number that passes `> 0.9` is there, and no NaN. */
function toSortColumn(
  { sql: column, type, mayBeNull = false, isAbsent }: Column,
  direction: Order["direction"],
  tests: readonly Test[],
): SortColumn {
  const bounds = tests.filter(({ op }) => op !== "IS NULL");
  return {
    sql: type === "text" ? sql`(${column} COLLATE "C")` : column,
    type,
    direction,
    ...(isAbsent === undefined ? {} : { isAbsent }),
    mayBeNull: mayBeNull && bounds.length === 0,
    mayBeNaN: type === "number" && bounds.every(({ op }) => op === "!=" || op === "IS NOT NULL"),
  };
}
