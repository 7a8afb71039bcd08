import { id, join, lit, type Sql, sql } from "../table/sql.ts";

/**
 * core/math.ts `log` as SQL, equal bit for bit (test/features/log-sql.test.ts). DuckDB's own ln comes
 * from the platform's C library, which may differ in the last bit between machines.
 *
 * The same method: x = m × 2^k with m in [√½, √2), then the series in s = (m - 1) / (m + 1). SQL cannot
 * take a double apart, so k is guessed by log2 and then corrected by two exact comparisons: whatever
 * the last bit of log2 is, m and k come out the same. Powers of two are shifts of an integer, which
 * reach 2^62; numbers outside 2^±32 are first brought near 1 by a power of two from a table.
 *
 * Each level names columns that the next one uses several times.
 */
export type Level = readonly (readonly [alias: string, expression: Sql])[];

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const SERIES = [23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3].map((n) => 2 / n);

/** Numbers below 2^below are divided by 2^k. Ascending, after the common case [2^-32, 2^32). */
const BANDS: readonly Readonly<{ below: number; k: number }>[] = [
  { below: -1040, k: -1020 }, // k so that 2^-k is still a double
  { below: -992, k: -1008 },
  ...Array.from({ length: 31 }, (_, i) => ({ below: 64 * (i - 15) + 32, k: 64 * (i - 15) })),
];
const LAST_BAND = 1024;

/** Levels that compute ln(x + offset) of the column `x` into the column `result`; NULL where x + offset <= 0. */
export function logLevels(x: string, offset: number, result: string): Level[] {
  const name = (suffix: string) => `${result}_${suffix}`;
  const [a, y, kc, g, m0, f, k, s, z] = ["a", "y", "kc", "g", "m0", "f", "k", "s", "z"].map(
    (suffix) => id(name(suffix)),
  ) as [Sql, Sql, Sql, Sql, Sql, Sql, Sql, Sql, Sql];
  const shifted = sql`${id(x)} + ${double(offset)}`;
  const root = double(Math.SQRT1_2);
  const root2 = double(2 * Math.SQRT1_2);
  const step = sql`CASE WHEN ${m0} < ${root} THEN -1 WHEN ${m0} >= ${root2} THEN 1 ELSE 0 END`;
  const m = sql`CASE WHEN ${m0} < ${root} THEN ${m0} * 2 WHEN ${m0} >= ${root2} THEN ${m0} / 2 ELSE ${m0} END`;
  const sum = SERIES.slice(1).reduce(
    (inner, term) => sql`(${inner} * ${z} + ${double(term)})`,
    double(SERIES[0]!),
  );
  const half = sql`(${double(0.5)} * ${f} * ${f})`;
  const value = sql`${k} * ${double(LN2_HIGH)} - (${half} - (${s} * (${half} + ${z} * ${sum}) + ${k} * ${double(LN2_LOW)}) - ${f})`;
  return [
    [[name("a"), sql`CASE WHEN ${shifted} > 0 THEN ${shifted} END`]],
    [
      [name("y"), byBand(a, (band) => sql`${a} * ${double(2 ** -band)}`)],
      [name("kc"), byBand(a, (band) => sql`${lit(band)}`)],
    ],
    [[name("g"), sql`CASE WHEN isinf(${y}) THEN 0 ELSE round(log2(${y}))::BIGINT END`]],
    [
      [
        name("m0"),
        sql`${y} / (1::BIGINT << greatest(${g}, 0))::DOUBLE * (1::BIGINT << greatest(-${g}, 0))::DOUBLE`,
      ],
    ],
    [
      [name("f"), sql`(${m}) - 1`],
      [name("k"), sql`(${kc} + ${g} + ${step})::DOUBLE`],
    ],
    [[name("s"), sql`${f} / (2 + ${f})`]],
    [[name("z"), sql`${s} * ${s}`]],
    [[result, sql`CASE WHEN isinf(${a}) THEN ${a} ELSE ${value} END`]],
  ];
}

/** A number as a DOUBLE literal; a bare whole number would be an INTEGER. */
export function double(value: number): Sql {
  return sql`${lit(value)}::DOUBLE`;
}

function byBand(a: Sql, then: (k: number) => Sql): Sql {
  const common = sql`WHEN ${a} >= ${double(2 ** -32)} AND ${a} < ${double(2 ** 32)} THEN ${then(0)}`;
  const others = BANDS.map(
    ({ below, k }) => sql`WHEN ${a} < ${double(2 ** below)} THEN ${then(k)}`,
  );
  return sql`CASE ${join([common, ...others], " ")} ELSE ${then(LAST_BAND)} END`;
}
