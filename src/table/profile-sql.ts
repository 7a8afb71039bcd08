import { type Relation, type RelationColumn, ROW_NUMBER } from "./relation.ts";
import { id, join, lit, raw, type Sql, sql } from "./sql.ts";

/** How a column is profiled. */
export type ProfileKind = "number" | "text" | "time" | "other";

const NUMBERS = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*)$/;
const FLOATS = /^(FLOAT|DOUBLE)$/;
const TIMES = /^(DATE|TIMESTAMP.*)$/;

export function profileKind({ duckdbType }: RelationColumn): ProfileKind {
  if (NUMBERS.test(duckdbType)) return "number";
  if (duckdbType === "VARCHAR" || duckdbType.startsWith("ENUM(")) return "text";
  return TIMES.test(duckdbType) ? "time" : "other";
}

/** NaN counts as missing. */
function valueSql(column: RelationColumn): Sql {
  const value = id(column.name);
  if (FLOATS.test(column.duckdbType)) return sql`nullif(${value}, 'nan')`;
  return column.duckdbType.startsWith("ENUM(") ? sql`${value}::VARCHAR` : value;
}

/** A value near the middle of each number column, from the first rows: what sums are taken around. */
export function shiftsQuery(relation: Relation): Sql {
  const medians = relation.columns.map((column, i) =>
    profileKind(column) === "number"
      ? sql`median(CASE WHEN isfinite(${id(column.name)}::DOUBLE) THEN ${id(column.name)}::DOUBLE END) AS ${id(`k${i}`)}`
      : sql`NULL AS ${id(`k${i}`)}`,
  );
  return sql`SELECT ${join(medians)} FROM (SELECT * FROM ${relation.sql} LIMIT 1000)`;
}

const row = id(ROW_NUMBER);
const HASHES = 2n ** 64n;

/**
 * Hashes below it are kept, about `limit` of `count` different ones; null keeps all. It falls as the
 * count grows, so what a part keeps holds all that the whole keeps of it.
 */
export function hashThreshold(limit: number, count: number): bigint | null {
  return count <= limit ? null : (HASHES * BigInt(limit)) / BigInt(count);
}

function isKept(hash: Sql, threshold: bigint | null): Sql {
  return threshold === null ? sql`TRUE` : sql`${hash} < ${lit(threshold)}::UBIGINT`;
}

export type ProfilePlan = Readonly<{
  relation: Relation;
  /** Number of the first row where the relation is a part of a larger one. */
  firstRow: number;
  shifts: readonly number[];
  sampleThreshold: bigint | null;
  valueThreshold: bigint | null;
}>;

/** The one scan: facts of every column, the hashes of its values that are kept, the sampled rows. */
export function scanQuery(plan: ProfilePlan, table: string): Sql {
  const { relation, shifts } = plan;
  const facts = relation.columns.flatMap((column, i) => columnFacts(plan, column, i, shifts[i]!));
  const number = sql`${row} + ${lit(plan.firstRow)}`;
  const fields = [
    sql`${raw("'r'")}: ${number}`,
    ...relation.columns.map((column, i) => sql`${raw(`'c${i}'`)}: ${valueSql(column)}`),
  ];
  const sampled = isKept(sql`hash(${number})`, plan.sampleThreshold);
  const sample = sql`list({${join(fields)}}) FILTER (WHERE ${sampled}) AS "sample"`;
  return sql`CREATE TABLE ${id(table)} AS SELECT ${join([...facts, sample])} FROM ${relation.numbered}`;
}

function columnFacts(plan: ProfilePlan, column: RelationColumn, i: number, shift: number): Sql[] {
  const value = valueSql(column);
  const named = (letter: string, fact: Sql) => sql`${fact} AS ${id(`${letter}${i}`)}`;
  const hash = sql`hash(${value})`;
  const kept = sql`${value} IS NOT NULL AND ${isKept(hash, plan.valueThreshold)}`;
  const common = [
    named("n", sql`count(${value})`),
    named("h", sql`list(DISTINCT CASE WHEN ${kept} THEN ${hash} END)`),
  ];
  const bounds = [
    named("lo", sql`min(${value})::VARCHAR`),
    named("hi", sql`max(${value})::VARCHAR`),
  ];
  switch (profileKind(column)) {
    case "number": {
      const isFloat = FLOATS.test(column.duckdbType);
      const apart = sql`(${id(column.name)}::DOUBLE - ${lit(shift)}::DOUBLE)`;
      const y = isFloat ? sql`CASE WHEN isfinite(${id(column.name)}) THEN ${apart} END` : apart;
      return [
        ...common,
        ...bounds,
        named("f", isFloat ? sql`count_if(isinf(${id(column.name)}))` : sql`0`),
        named("a", sql`sum(${y})`),
        named("b", sql`sum(${y} * ${y})`),
        named("c", sql`sum(${y} * ${y} * ${y})`),
      ];
    }
    case "text":
      return [
        ...common,
        ...bounds,
        named("s", sql`min(length(${value}))`),
        named("l", sql`max(length(${value}))`),
        named("t", sql`sum(length(${value}))`),
      ];
    case "time": {
      const canBeInfinite = column.duckdbType !== "TIME";
      const infinite = canBeInfinite ? sql`count_if(isinf(${value}))` : sql`0`;
      return [...common, ...bounds, named("f", infinite)];
    }
    default:
      return common;
  }
}

/** The facts of a scan without its lists. */
export function factsQuery(table: string, columns: number): Sql {
  const lists = [id("sample"), ...Array.from({ length: columns }, (_, i) => id(`h${i}`))];
  return sql`SELECT * EXCLUDE (${join(lists)}) FROM ${id(table)}`;
}

/** The sampled rows as a table: `r` and `c0`, `c1` … in the order of the rows. */
export function sampleTable(scan: string, table: string): Sql {
  const rows = sql`SELECT unnest(s) FROM (SELECT unnest("sample") AS s FROM ${id(scan)})`;
  return sql`CREATE TABLE ${id(table)} AS SELECT * FROM (${rows}) ORDER BY r`;
}

/** The kept hashes of all columns as one table of `place` and `h`. */
export function hashesTable(scan: string, table: string, columns: number): Sql {
  const parts = Array.from(
    { length: columns },
    (_, i) => sql`SELECT ${lit(i)}::INTEGER AS place, unnest(${id(`h${i}`)}) AS h FROM ${id(scan)}`,
  );
  return sql`CREATE TABLE ${id(table)} AS SELECT * FROM (${join(parts, " UNION ALL ")}) WHERE h IS NOT NULL`;
}

function allRows(tables: readonly string[]): Sql {
  return join(
    tables.map((table) => sql`SELECT * FROM ${id(table)}`),
    " UNION ALL ",
  );
}

/** Of two parts, the sampled rows that the whole keeps. */
export function mergedSample(
  tables: readonly string[],
  table: string,
  threshold: bigint | null,
): Sql {
  return sql`CREATE TABLE ${id(table)} AS SELECT * FROM (${allRows(tables)}) WHERE ${isKept(sql`hash(r)`, threshold)} ORDER BY r`;
}

/** Of two parts, the hashes that the whole keeps, each once. */
export function mergedHashes(
  tables: readonly string[],
  table: string,
  threshold: bigint | null,
): Sql {
  return sql`CREATE TABLE ${id(table)} AS SELECT DISTINCT * FROM (${allRows(tables)}) WHERE ${isKept(sql`h`, threshold)}`;
}

/** How many hashes each column keeps. */
export function hashCountsQuery(table: string): Sql {
  return sql`SELECT place, count(*) AS n FROM ${id(table)} GROUP BY place`;
}
