import type { Engine } from "./engine.ts";
import type { Relation } from "./relation.ts";
import { id, join, sql } from "./sql.ts";

/** Nulls and NaN of each column. */
export async function countMissing(engine: Engine, relation: Relation): Promise<number[]> {
  const { columns, rowCount } = relation;
  const counts = columns.map(({ name, duckdbType }, i) => {
    const isFloat = duckdbType === "FLOAT" || duckdbType === "DOUBLE";
    const value = isFloat ? sql`nullif(${id(name)}, 'nan')` : id(name);
    return sql`count(${value}) AS ${id(`n${i}`)}`;
  });
  const [row] = await engine.rows(sql`SELECT ${join(counts)} FROM ${relation.sql}`);
  return columns.map((_, i) => rowCount - Number(row![`n${i}`]));
}
