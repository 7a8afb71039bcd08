import fc from "fast-check";
import { expect, test } from "vitest";
import type { Engine } from "../../src/table/engine.ts";
import { describeProfile, type Profile, profileRelation } from "../../src/table/profile.ts";
import { toProfileHtml } from "../../src/table/profile-html.ts";
import { mergeProfiles, scanProfile } from "../../src/table/profile-state.ts";
import { toProfileText } from "../../src/table/profile-text.ts";
import { describeRelation, type Relation, ROW_NUMBER } from "../../src/table/relation.ts";
import { id, join, lit, raw, type Sql, sql } from "../../src/table/sql.ts";
import { scratchEngine } from "./scratch.ts";

async function relationOf(engine: Engine, query: Sql): Promise<Relation> {
  const table = id(engine.freshName());
  await engine.run(sql`CREATE TABLE ${table} AS ${query}`);
  return describeRelation(engine, table, sql`(SELECT *, rowid AS ${id(ROW_NUMBER)} FROM ${table})`);
}

async function profileOf(engine: Engine, relation: Relation): Promise<Profile> {
  return describeProfile(engine, await scanProfile(engine, relation));
}

/** Moments of parts agree with those of the whole but for rounding; everything else is the same. */
function rounded(profile: Profile): Profile {
  const short = (value: number | null) => (value === null ? null : Number(value.toPrecision(7)));
  const columns = profile.columns.map((column) => ({
    ...column,
    mean: short(column.mean),
    std: short(column.std),
    skewness: column.skewness === null ? null : Number(column.skewness.toFixed(5)),
  }));
  return { ...profile, columns };
}

type Cells = Readonly<{ x: number | null; n: number | null; t: string | null; s: string | null }>;
const cells = fc.record({
  x: fc.oneof(
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.constantFrom(null, Number.NaN, Number.POSITIVE_INFINITY, 0, 7),
  ),
  n: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant(null)),
  t: fc.oneof(fc.constantFrom("a", "b", "12", " a", "", "é👍"), fc.constant(null)),
  s: fc.oneof(fc.constantFrom("2020-01-01", "2021-06-01 10:00:00.5"), fc.constant(null)),
});

function valuesOf(rows: readonly Cells[]): Sql {
  const lines = rows.map(
    ({ x, n, t, s }) =>
      sql`(${lit(x)}::DOUBLE, ${lit(n)}::BIGINT, ${lit(t)}::VARCHAR, ${lit(s)}::TIMESTAMP)`,
  );
  return sql`SELECT * FROM (VALUES ${join(lines)}) AS t(x, n, t, s)`;
}

test("the profile of parts, merged, is the profile of the whole", async () => {
  const engine = await scratchEngine();
  const part = fc.array(cells, { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(part, part, part, async (a, b, c) => {
      const whole = await profileOf(engine, await relationOf(engine, valuesOf([...a, ...b, ...c])));
      const states = [];
      let before = 0;
      for (const rows of [a, b, c]) {
        states.push(await scanProfile(engine, await relationOf(engine, valuesOf(rows)), before));
        before += rows.length;
      }
      const [first, second, third] = states;
      const left = await mergeProfiles(engine, first!, second!);
      const merged = await describeProfile(engine, await mergeProfiles(engine, left, third!));
      expect(rounded(merged)).toEqual(rounded(whole));
    }),
    { numRuns: 25 },
  );
});

const LARGE = 300_000;
const largeQuery = (from: number, to: number) =>
  sql`SELECT i AS k, (i * 7919 % 1000) AS few, (i * 7919 % 100003)::DOUBLE / 7 AS x, 'u' || (i % 50000) AS t FROM range(${lit(from)}, ${lit(to)}) r(i)`;

test("the same beyond the sizes of its samples, and within the errors that it states", async () => {
  const engine = await scratchEngine();
  const whole = await profileOf(engine, await relationOf(engine, largeQuery(0, LARGE)));
  const cut = 90_000;
  const first = await scanProfile(engine, await relationOf(engine, largeQuery(0, cut)));
  const rest = await scanProfile(engine, await relationOf(engine, largeQuery(cut, LARGE)), cut);
  const merged = await describeProfile(engine, await mergeProfiles(engine, first, rest));
  expect(rounded(merged)).toEqual(rounded(whole));
  const { sample, columns } = whole;
  expect(sample.exact).toBe(false);
  expect(sample.rows).toBeGreaterThan(60_000);
  expect(sample.rank_error).toBeLessThan(0.0066);
  const [k, few, x, t] = columns;
  for (const [share, value] of Object.entries(k!.quantiles!)) {
    expect(Math.abs(Number(value) / LARGE - Number(share))).toBeLessThan(sample.rank_error);
  }
  expect(few!.distinct).toBe(1000);
  expect(Math.abs(k!.distinct / LARGE - 1)).toBeLessThan(0.02);
  expect(Math.abs(x!.distinct / 100_003 - 1)).toBeLessThan(0.03);
  expect(Math.abs(t!.distinct / 50_000 - 1)).toBeLessThan(0.04);
  expect(k).toMatchObject({ min: 0, max: LARGE - 1, mean: (LARGE - 1) / 2, distinct_exact: false });
});

test("figures are those of the definitions, on numbers far from zero", async () => {
  const engine = await scratchEngine();
  const values = [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16, 1e9 + 100];
  const lines = join(values.map((value) => sql`(${lit(value)}::DOUBLE)`));
  const relation = await relationOf(engine, sql`SELECT * FROM (VALUES ${lines}) AS t(x)`);
  const [x] = (await profileOf(engine, relation)).columns;
  const mean = values.reduce((a, b) => a + b) / 5;
  const power = (p: number) => values.reduce((sum, value) => sum + (value - mean) ** p, 0);
  expect(x!.mean).toBeCloseTo(mean, 3);
  expect(x!.std).toBeCloseTo(Math.sqrt(power(2) / 4), 6);
  expect(x!.skewness).toBeCloseTo((Math.sqrt(5) * power(3)) / power(2) ** 1.5, 6);
  expect(x!.quantiles).toMatchObject({ "0.5": 1e9 + 13, "0.01": 1e9 + 4, "0.99": 1e9 + 100 });
  expect(x!.histogram!.counts.reduce((a, b) => a + b)).toBe(5);
});

async function codesOf(engine: Engine, expression: string, rows = 100): Promise<string[]> {
  const query = sql`SELECT ${raw(expression)} AS c FROM range(${lit(rows)}) r(i)`;
  const profile = await profileOf(engine, await relationOf(engine, query));
  return profile.columns[0]!.warnings.map(({ code }) => code);
}

test("whole numbers keep all digits, also beyond 2^53, in the document and on the terminal", async () => {
  const engine = await scratchEngine();
  const rows = sql`SELECT (9007199254740993 + i)::BIGINT AS n, (18446744073709551600 + i)::UBIGINT AS u, (1002345 + i)::INTEGER AS v FROM range(3) t(i)`;
  const profile = await profileRelation(engine, await relationOf(engine, rows));
  const [n, u, v] = profile.columns;
  expect([n!.min, n!.quantiles!["0.5"], n!.max]).toEqual([
    9007199254740993n,
    9007199254740994n,
    9007199254740995n,
  ]);
  expect([u!.min, u!.max]).toEqual([18446744073709551600n, 18446744073709551602n]);
  expect([v!.min, v!.quantiles!["0.5"], v!.max]).toEqual([1002345, 1002346, 1002347]);
  const shown = toProfileText(profile, "t");
  for (const text of ["9007199254740993", "18446744073709551602", "1002346"]) {
    expect(shown).toContain(text);
    expect(toProfileHtml(profile, "t")).toContain(text);
  }
});

test("warnings say what stands out, and nothing where nothing does", async () => {
  const engine = await scratchEngine();
  const said = (expression: string) => codesOf(engine, expression);
  expect(await said("i % 10")).toEqual([]);
  expect(await said("(i % 50)::DOUBLE")).toEqual([]);
  expect(await said("NULL::INTEGER")).toEqual(["ALL_MISSING"]);
  expect(await said("'x'")).toEqual(["CONSTANT"]);
  expect(await said("CASE WHEN i % 4 = 0 THEN NULL ELSE i % 3 END")).toEqual(["HIGH_MISSING"]);
  expect(await said("CASE WHEN i = 3 THEN 1 ELSE 0 END")).toEqual(["IMBALANCED"]);
  expect(await said("'p' || i")).toEqual(["POSSIBLE_IDENTIFIER"]);
  expect(await said("'p' || greatest(i, 4)")).toEqual(["NEARLY_UNIQUE"]);
  expect(await said("CASE WHEN i = 7 THEN 1e6 ELSE i % 20 END::DOUBLE")).toEqual([
    "SKEWED",
    "OUTLIERS",
  ]);
  expect(await said("CASE WHEN i = 7 THEN 'inf'::DOUBLE ELSE i % 9 END")).toContain("INFINITE");
  expect(await said("CASE WHEN i % 3 = 0 THEN 'none' ELSE (i % 5)::VARCHAR END")).toEqual([
    "MIXED_TYPES",
  ]);
  expect(await said("(i % 5)::VARCHAR")).toEqual(["NUMBERS_AS_TEXT"]);
  expect(await said("CASE WHEN i % 5 = 0 THEN '' ELSE 'x' END")).toEqual(["BLANK_TEXT"]);
  expect(await said("CASE WHEN i % 5 = 0 THEN ' x' ELSE 'x' END")).toEqual(["STRAY_SPACES"]);
});

test("columns that move together are named; a sensitive one shows nothing", async () => {
  const engine = await scratchEngine();
  const query = sql`SELECT i % 50 AS a, 3 * (i % 50) + 1 AS b, (i * 37) % 11 AS c, 'secret ' || (i % 3) AS d FROM range(200) r(i)`;
  const relation = await relationOf(engine, query);
  const state = await scanProfile(engine, relation);
  const profile = await describeProfile(engine, state, {
    isSensitive: (column) => column === "c" || column === "d",
    mask: () => "masked",
  });
  expect(profile.correlations).toEqual([{ columns: ["a", "b"], r: 1 }]);
  expect(profile.warnings.map(({ code }) => code)).toEqual(["HIGH_CORRELATION"]);
  const [, , c, d] = profile.columns;
  const hidden = { min: null, max: null, mean: null, std: null, quantiles: null, histogram: null };
  expect(c).toMatchObject({ ...hidden, masked: true, distinct: 11 });
  expect(d!.top.map(({ value }) => value)).toEqual(["masked", "masked", "masked"]);
  expect(JSON.stringify(profile)).not.toContain("secret");
});

test("a wide table is scanned in groups; of its number columns the first that vary are correlated", async () => {
  const engine = await scratchEngine();
  const names = Array.from({ length: 130 }, (_, i) => `c${i}`);
  // texts first, then constants, then numbers: 0 to 59 would fill the first scan
  const cells = names.map((name, i) => {
    const value =
      i < 60 ? sql`'t' || range % 7` : i < 70 ? sql`5` : sql`sin(range * ${lit(i)}) + ${lit(i)}`;
    return sql`${value} AS ${id(name)}`;
  });
  const query = sql`SELECT ${join(cells)}, -2 * sin(range * 70) AS twin FROM range(500)`;
  const relation = await relationOf(engine, query);
  const wide = await profileRelation(engine, relation);
  expect(wide.columns.map(({ name }) => name)).toEqual([...names, "twin"]);
  expect(wide.correlated).toEqual({ columns: 40, of: 61 });
  expect(wide.correlations).toHaveLength((40 * 39) / 2);
  expect(wide.correlations[0]?.columns).toEqual(["c70", "c71"]);
  expect(toProfileText(wide, "wide")).toContain(
    "correlations among the first 40 of 61 number columns",
  );
  expect(toProfileHtml(wide, "wide")).toContain("Among the first 40 of 61 number columns.");

  // each column says what it says in a table of its own
  for (const place of [0, 65, 70, 130]) {
    const only = { ...relation, columns: [relation.columns[place]!] };
    const { columns, correlated } = await profileRelation(engine, only);
    expect(columns[0]).toEqual(wide.columns[place]);
    expect(correlated.columns).toBe(correlated.of);
  }
  const few = [70, 71, 130].map((place) => relation.columns[place]!);
  const narrow = await profileRelation(engine, { ...relation, columns: few });
  expect(narrow.correlations).toContainEqual(wide.correlations[0]);
  expect(narrow.warnings).toMatchObject([{ code: "HIGH_CORRELATION", column: "c70" }]);
});

test("times that are infinite or beyond JavaScript's years are told of, without a histogram", async () => {
  const engine = await scratchEngine();
  const times = ["-infinity", "2024-01-01", "2024-06-01", "infinity"];
  const lines = join(
    times.map((time) => sql`(${lit(time)}::TIMESTAMP, ${lit(time)}::DATE, DATE '290000-12-31')`),
  );
  const far = sql`SELECT DATE '2024-01-01', DATE '2024-01-02', DATE '2024-01-01'`;
  const rows = sql`SELECT * FROM (VALUES ${lines}) AS v(t, d, far) UNION ALL ${far}`;
  const { columns } = await profileOf(engine, await relationOf(engine, rows));
  for (const column of columns.slice(0, 2)) {
    expect(column).toMatchObject({ infinite: 2, min: "-Infinity", max: "Infinity" });
    expect(column.warnings.map(({ code }) => code)).toContain("INFINITE");
  }
  expect(columns[2]).toMatchObject({ infinite: 0, min: "2024-01-01", max: "290000-12-31" });
  expect(columns.map(({ histogram }) => histogram)).toEqual([null, null, null]);
});
