import { DuetMindError } from "../core/errors.ts";
import type { Engine } from "../table/engine.ts";
import { describeRelation, type Relation, ROW_NUMBER } from "../table/relation.ts";
import type { Value } from "../table/row.ts";

import { id, join, type Sql, sql } from "../table/sql.ts";
import { columnClass, findColumn } from "./column-class.ts";
import type { FeaturesParams, JoinParams } from "./params.ts";

/** Shows a value of a column in a message: masked when the contract calls it sensitive. */
export type ShowValue = (source: string, column: string, value: Value) => string;

/**
 * The base relation with the columns of the joined sources: every base row stays, once and in its
 * place; without a match the columns are NULL. Keys are compared column by column, NULL matches nothing.
 */
export async function joinSources(
  engine: Engine,
  spec: FeaturesParams,
  base: Readonly<{ name: string; relation: Relation }>,
  sources: ReadonlyMap<string, Relation>,
  show: ShowValue,
): Promise<Relation> {
  if (spec.joins.length === 0) return base.relation;
  const taken = new Set(base.relation.columns.map(({ name }) => name.toLowerCase()));
  const selected: Sql[] = [];
  const joins: Sql[] = [];
  for (const [i, one] of spec.joins.entries()) {
    const at = `features.joins.${i}`;
    const right = sources.get(one.source)!;
    checkKeyTypes(base.relation, right, one, at);
    await checkUnique(engine, one.source, right, one, at, show);
    if (one.cardinality === "one_to_one") {
      await checkUnique(engine, base.name, base.relation, one, at, show);
    }
    const alias = id(`j${i}`);
    for (const [from, to] of takenColumns(right, one, at)) {
      if (taken.has(to.toLowerCase())) {
        throw new DuetMindError(
          "BAD_INPUT",
          `${at}: expected new column names, got "${to}" in both "${base.name}" and "${one.source}"`,
          { path: at, hint: `give the join a prefix, such as prefix: ${one.source}_` },
        );
      }
      taken.add(to.toLowerCase());
      selected.push(sql`${alias}.${id(from)} AS ${id(to)}`);
    }
    const condition = one.on.map((column) => sql`b.${id(column)} = ${alias}.${id(column)}`);
    joins.push(sql`LEFT JOIN ${right.sql} ${alias} ON ${join(condition, " AND ")}`);
  }
  const table = id(engine.freshName());
  await engine.run(
    sql`CREATE TABLE ${table} AS SELECT ${join([sql`b.*`, ...selected])} FROM ${base.relation.numbered} b ${join(joins, " ")} ORDER BY b.${id(ROW_NUMBER)}`,
  );
  return describeRelation(
    engine,
    sql`(SELECT * EXCLUDE (${id(ROW_NUMBER)}) FROM ${table} ORDER BY ${id(ROW_NUMBER)})`,
    table,
  );
}

function takenColumns(right: Relation, one: JoinParams, at: string): [string, string][] {
  const names =
    one.columns ?? right.columns.map(({ name }) => name).filter((name) => !one.on.includes(name));
  return names.map((name) => [
    findColumn(right.columns, name, `${at}.columns`).name,
    `${one.prefix}${name}`,
  ]);
}

function checkKeyTypes(left: Relation, right: Relation, one: JoinParams, at: string): void {
  for (const column of one.on) {
    const a = findColumn(left.columns, column, `${at}.on`);
    const b = findColumn(right.columns, column, `${at}.on (${one.source})`);
    if (columnClass(a) !== columnClass(b)) {
      throw new DuetMindError(
        "COLUMN_TYPE",
        `${at}: expected one type of "${column}" in both sources, got ${a.type} and ${b.type}`,
        { path: at, hint: "set types: of one source" },
      );
    }
  }
}

async function checkUnique(
  engine: Engine,
  name: string,
  relation: Relation,
  one: JoinParams,
  at: string,
  show: ShowValue,
): Promise<void> {
  const keys = join(one.on.map(id));
  const present = join(
    one.on.map((column) => sql`${id(column)} IS NOT NULL`),
    " AND ",
  );
  const rows = await engine.rows(
    sql`SELECT ${join([...one.on.map((column, i) => sql`${id(column)}::VARCHAR AS ${id(`key${i}`)}`), sql`count(*) AS n`, sql`count(*) OVER () AS keys`])}
    FROM ${relation.sql} WHERE ${present} GROUP BY ${keys} HAVING count(*) > 1 ORDER BY ${keys} LIMIT 1`,
  );
  const [found] = rows;
  if (found === undefined) return;
  const example = one.on
    .map((column, i) => `${column} = ${show(name, column, found[`key${i}`] ?? null)}`)
    .join(", ");
  throw new DuetMindError(
    "JOIN_CARDINALITY",
    `${at}: expected at most one row of "${name}" for each ${one.on.join(", ")} (${one.cardinality}), got ${Number(found["n"])} for ${example} and repeats of ${Number(found["keys"])} keys in all`,
    { path: at, hint: `make the key unique in "${name}" first, or join on more columns` },
  );
}
