import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import { id, join, lit, sql } from "../table/sql.ts";
import type { ColumnFacts } from "./init-guess.ts";

const DATE_TEXT = "\\d{4}-\\d{2}-\\d{2}([T ]\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?)?";

/** Counts what guessing needs, in one scan. */
export async function readColumnFacts(engine: Engine, relation: Relation): Promise<ColumnFacts[]> {
  const counts = relation.columns.flatMap(({ name, type }, i) => {
    const column = id(name);
    const isWhole = /^u?int\d+$/.test(type);
    const others =
      type === "str"
        ? sql`count(*) FILTER (NOT regexp_full_match(${column}, ${lit(DATE_TEXT)}))`
        : sql`1`;
    return [
      sql`count(DISTINCT ${column}) AS ${id(`distinct_${i}`)}`,
      sql`count(*) - count(${column}) AS ${id(`nulls_${i}`)}`,
      sql`${others} AS ${id(`other_${i}`)}`,
      sql`${isWhole ? sql`max(${column}) - min(${column}) + 1` : sql`0`} AS ${id(`span_${i}`)}`,
    ];
  });
  const [row] = await engine.rows(sql`SELECT ${join(counts)} FROM ${relation.sql}`);
  return relation.columns.map(({ name, type }, i) => {
    const count = (what: string) => Number(row![`${what}_${i}`]);
    const distinct = count("distinct");
    return {
      name,
      type,
      distinct,
      nulls: count("nulls"),
      isDateText: type === "str" && distinct > 0 && count("other") === 0,
      isConsecutive: distinct > 0 && count("span") === distinct,
    };
  });
}

/** True when no two rows agree in all of these columns. */
export async function isUnique(
  engine: Engine,
  relation: Relation,
  columns: readonly string[],
): Promise<boolean> {
  const names = join(columns.map(id));
  const [row] = await engine.rows(
    sql`SELECT count(*) AS sets FROM (SELECT DISTINCT ${names} FROM ${relation.sql})`,
  );
  return Number(row!["sets"]) === relation.rowCount;
}
