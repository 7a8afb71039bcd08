import { type Relation, ROW_NUMBER } from "../table/relation.ts";
import { id, join, lit, type Sql, sql } from "../table/sql.ts";

const row = id(ROW_NUMBER);

/** The greatest value of a column of times, in milliseconds and as text; without a zone it is UTC. */
export function newestQuery(relation: Relation, column: string, isZoned: boolean): Sql {
  const value = isZoned
    ? sql`(${id(column)} AT TIME ZONE 'UTC')`
    : sql`CAST(${id(column)} AS TIMESTAMP)`;
  const text = sql`replace(max(${value})::VARCHAR, ' ', 'T') || ${lit(isZoned ? "Z" : "")}`;
  return sql`SELECT epoch_ms(max(${value})) AS ms, ${text} AS shown FROM ${relation.sql}`;
}

/** Which columns of two tables hold the same key: the value here and the value there. */
export type KeyPair = Readonly<{ own: Sql; other: Sql }>;

/** The rows whose key is whole and stands in no row of the other table; a join that spills. */
export function orphansTable(
  relation: Relation,
  other: Relation,
  pairs: readonly KeyPair[],
  table: string,
): Sql {
  const keys = (side: keyof KeyPair) =>
    join(pairs.map((pair, i) => sql`${pair[side]} AS ${id(`k${i}`)}`));
  const equal = join(
    pairs.map((_, i) => sql`t.${id(`k${i}`)} = o.${id(`k${i}`)}`),
    " AND ",
  );
  const isWhole = join(
    pairs.map(({ own }) => sql`${own} IS NOT NULL`),
    " AND ",
  );
  const rows = sql`(SELECT ${row}, ${keys("own")} FROM ${relation.numbered} WHERE ${isWhole})`;
  return sql`CREATE TABLE ${id(table)} AS SELECT t.${row} FROM ${rows} t ANTI JOIN (SELECT ${keys("other")} FROM ${other.sql}) o ON ${equal}`;
}

/** True for the rows whose number a table holds. */
export function isAmong(table: string): Sql {
  return sql`(${row} IN (SELECT ${row} FROM ${id(table)}))`;
}

/** How many different combinations of values the columns hold; nulls equal each other. */
export function distinctQuery(relation: Relation, columns: readonly Sql[]): Sql {
  return sql`SELECT count(*) AS n FROM (SELECT DISTINCT ${join(columns)} FROM ${relation.sql})`;
}

/** True for the rows of subjects that stand in more than one split; `value` is the subject of a row. */
export function inTwoSplits(relation: Relation, value: Sql, subject: string, split: string): Sql {
  const repeated = sql`SELECT ${id(subject)} FROM ${relation.sql} WHERE ${id(subject)} IS NOT NULL GROUP BY ${id(subject)} HAVING count(DISTINCT ${id(split)}) > 1`;
  return sql`(${value} IN (${repeated}))`;
}
