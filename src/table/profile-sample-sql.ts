import type { ColumnFacts } from "./profile-state.ts";
import type { RelationColumn } from "./relation.ts";
import { id, join, lit, raw, type Sql, sql } from "./sql.ts";

/** Shares whose quantiles a profile gives. */
export const QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const;

const column = (place: number) => id(`c${place}`);

/** A number to compute with. */
const numberOf = (place: number) => sql`${column(place)}::DOUBLE`;

/**
 * What the sampled rows say of every column: `d` distinct, `q` quantiles, and shapes of text. Whole
 * numbers are not computed with, so they keep their digits.
 */
export function sampleQuery(
  table: string,
  facts: readonly ColumnFacts[],
  columns: readonly RelationColumn[],
): Sql {
  const parts = facts.flatMap(({ kind }, i) => {
    const value = column(i);
    const named = (letter: string, fact: Sql) => sql`${fact} AS ${id(`${letter}${i}`)}`;
    const common = [named("n", sql`count(${value})`), named("d", sql`count(DISTINCT ${value})`)];
    if (kind === "other") return common;
    if (kind === "text") {
      const trimmed = sql`trim(${value})`;
      return [
        ...common,
        named("x", sql`count(TRY_CAST(${trimmed} AS DOUBLE))`),
        named("e", sql`count_if(${trimmed} = '')`),
        named("s", sql`count_if(${trimmed} <> ${value})`),
      ];
    }
    const isExact = kind === "time" || /INT(EGER)?$/.test(columns[i]!.duckdbType);
    const sorted = isExact ? value : numberOf(i);
    const quantiles = sql`quantile_disc(${sorted}, ${lit([...QUANTILES])})`;
    return [...common, named("q", kind === "time" ? sql`${quantiles}::VARCHAR[]` : quantiles)];
  });
  return sql`SELECT count(*) AS rows, ${join(parts)} FROM ${id(table)}`;
}

/** The most frequent values of a column; equal counts in the order of the values. */
export function topQuery(table: string, place: number, count: number): Sql {
  const value = sql`${column(place)}::VARCHAR`;
  return sql`SELECT ${value} AS v, count(*) AS n FROM ${id(table)} WHERE ${column(place)} IS NOT NULL GROUP BY ${value} ORDER BY n DESC, v LIMIT ${lit(count)}`;
}

/** Counts of equal intervals from `min` to `max`, which belongs to the last; times as epoch seconds. */
export function histogramQuery(
  table: string,
  place: number,
  kind: "number" | "time",
  range: Readonly<{ min: number; max: number; bins: number }>,
): Sql {
  const value = kind === "number" ? numberOf(place) : sql`epoch(${column(place)})`;
  const { min, max, bins } = range;
  const width = lit((max - min) / bins);
  const bin = sql`least(${lit(bins - 1)}, greatest(0, floor((${value} - ${lit(min)}) / ${width})))::INTEGER`;
  return sql`SELECT ${bin} AS bin, count(*) AS n FROM ${id(table)} WHERE isfinite(${value}) GROUP BY bin`;
}

/** Smallest and largest time of the sample in epoch seconds. */
export function timeRangeQuery(table: string, place: number): Sql {
  return sql`SELECT min(epoch(${column(place)})) AS lo, max(epoch(${column(place)})) AS hi FROM ${id(table)}`;
}

/** Shares of values beyond three interquartile ranges from the middle half. */
export function outliersQuery(
  table: string,
  fences: readonly Readonly<{ place: number; low: number; high: number }>[],
): Sql {
  const counts = fences.map(
    ({ place, low, high }) =>
      sql`count_if(${numberOf(place)} < ${lit(low)} OR ${numberOf(place)} > ${lit(high)}) AS ${id(`o${place}`)}`,
  );
  return sql`SELECT ${join(counts)} FROM ${id(table)}`;
}

export type Pair = readonly [number, number];

/**
 * Pearson's correlation of each pair, over the rows where both are finite; NaN where one does not vary
 * there. The finite values are taken first: a FILTER for each pair would copy every column for each.
 */
export function correlationsQuery(table: string, pairs: readonly Pair[]): Sql {
  const places = [...new Set(pairs.flat())];
  const finite = places.map(
    (place) =>
      sql`CASE WHEN isfinite(${numberOf(place)}) THEN ${numberOf(place)} END AS ${column(place)}`,
  );
  const each = pairs.map(([a, b], i) => sql`corr(${column(a)}, ${column(b)}) AS ${id(`r${i}`)}`);
  return sql`SELECT ${join(each)} FROM (SELECT ${join(finite)} FROM ${id(table)})`;
}

/** Drops the tables of a state. */
export function dropTable(table: string): Sql {
  return sql`DROP TABLE IF EXISTS ${raw(id(table).text)}`;
}
