import { readColumns } from "../table/columns.ts";
import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import { id, join, lit, sql } from "../table/sql.ts";
import type { PatternTask } from "./plan-types.ts";

const VALUES_PER_INSERT = 1000;

/** Runs a pattern in JavaScript over the distinct values and leaves the refused ones in its table. */
export async function matchPattern(
  engine: Engine,
  relation: Relation,
  { value, pattern, table }: PatternTask,
): Promise<void> {
  const distinct = sql`SELECT DISTINCT ${value} AS value FROM ${relation.sql} WHERE ${value} IS NOT NULL`;
  const { columns } = await readColumns(engine, distinct);
  const [column] = columns;
  const values = column?.kind === "text" ? column.dictionary : [];
  const refused = values.filter((each) => !pattern.test(each));
  await engine.run(sql`CREATE TABLE ${id(table)} (value VARCHAR)`);
  for (let at = 0; at < refused.length; at += VALUES_PER_INSERT) {
    const rows = refused.slice(at, at + VALUES_PER_INSERT).map((each) => sql`(${lit(each)})`);
    await engine.run(sql`INSERT INTO ${id(table)} VALUES ${join(rows)}`);
  }
}
