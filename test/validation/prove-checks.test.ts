import { readFileSync, writeFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Engine } from "../../src/table/engine.ts";
import { openParquet } from "../../src/table/parquet-source.ts";
import { writeParquet } from "../../src/table/parquet-write.ts";
import { describeRelation, type Relation, ROW_NUMBER } from "../../src/table/relation.ts";
import { id, join, lit, type Sql, sql } from "../../src/table/sql.ts";
import { parseContract } from "../../src/validation/parse-contract.ts";
import { planValidation } from "../../src/validation/plan.ts";
import { proveChecks } from "../../src/validation/prove-checks.ts";
import { validateRelation } from "../../src/validation/validate-relation.ts";
import { scratchEngine, scratchFolder } from "../table/scratch.ts";

const CONTRACT = parseContract(
  {
    columns: {
      i: { dtype: "int64", in_range: { min_value: 0, max_value: 5 } },
      d: { dtype: "float64", greater_than: { value: 0.5, ignore_na: false }, nullable: true },
      t: {
        dtype: "str",
        str_startswith: "ab",
        equal_to: "ab",
        isin: ["ab", "abé"],
        str_length: { min_value: 2, max_value: 3 },
        nullable: true,
      },
      s: { dtype: "datetime64[ns]", less_than: "2020-01-03 00:00:00" },
    },
  },
  "proof.yaml",
);

type Cells = Readonly<{ i: number | null; d: number | null; t: string | null; s: string | null }>;

async function openTable(engine: Engine, rows: readonly Cells[]): Promise<Relation> {
  const table = id(engine.freshName());
  await engine.run(sql`CREATE TABLE ${table} (i BIGINT, d DOUBLE, t VARCHAR, s TIMESTAMP)`);
  const values = rows.map(({ i, d, t, s }) => sql`(${lit(i)}, ${lit(d)}, ${lit(t)}, ${lit(s)})`);
  await engine.run(sql`INSERT INTO ${table} VALUES ${join(values)}`);
  return describeRelation(engine, table, sql`(SELECT *, rowid AS ${id(ROW_NUMBER)} FROM ${table})`);
}

const mostly = <T>(usual: readonly T[], rare: readonly T[]) =>
  fc.oneof(
    { arbitrary: fc.constantFrom(...usual), weight: 12 },
    { arbitrary: fc.constantFrom(...rare), weight: 1 },
  );
const cells = fc.record({
  i: mostly<number | null>([0, 3, 5], [null, -1, 6]),
  d: mostly<number | null>([1, 0.75, Number.POSITIVE_INFINITY], [null, Number.NaN, 0.5, -0]),
  t: mostly<string | null>(["ab", "ab"], ["abé", "a", "", "b", null]),
  s: mostly<string | null>(
    ["2020-01-02 10:00:00.123456", "2019-12-31 23:59:59"],
    [null, "2020-01-03"],
  ),
});

test("a report is the same whether statistics prove a part of it or every row is read", async () => {
  const engine = await scratchEngine();
  const folder = scratchFolder();
  let files = 0;
  let proofs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(cells, { minLength: 2, maxLength: 9 }), async (rows) => {
      const half = Math.ceil(rows.length / 2);
      const table = await openTable(engine, rows);
      const parts = await Promise.all(
        [rows.slice(0, half), rows.slice(half)].map(async (part, i) => {
          const path = joinPath(folder, `${files}-${i}.parquet`);
          const from = (await openTable(engine, part)).numbered;
          const query = sql`SELECT i, d, t, s FROM ${from} ORDER BY ${id(ROW_NUMBER)}`;
          await writeParquet(engine, query, path);
          return path;
        }),
      );
      files += 1;
      const parquet = await openParquet(engine, parts);
      const [read, proven] = [
        await validateRelation(engine, CONTRACT, table),
        await validateRelation(engine, CONTRACT, parquet),
      ];
      expect(proven.report).toEqual(read.report);
      const plan = planValidation(CONTRACT, parquet.columns);
      proofs += (await proveChecks(engine, parquet, plan.checks)).checks.size;
    }),
    { numRuns: 60 },
  );
  expect(proofs).toBeGreaterThan(60);
});

async function provenIds(engine: Engine, relation: Relation): Promise<string[]> {
  const plan = planValidation(CONTRACT, relation.columns);
  const { checks } = await proveChecks(engine, relation, plan.checks);
  return [...checks].map(({ column, check }) => `${column} ${check}`).sort();
}

async function writeAndOpen(engine: Engine, query: Sql): Promise<Relation> {
  const path = joinPath(scratchFolder(), "data.parquet");
  await writeParquet(engine, query, path);
  return openParquet(engine, [path]);
}

test("nulls, ranges, a prefix and equality are proven from our own files", async () => {
  const engine = await scratchEngine();
  const good = sql`SELECT 3::BIGINT AS i, 1.5::DOUBLE AS d, 'ab' AS t, TIMESTAMP '2020-01-01' AS s`;
  expect(await provenIds(engine, await writeAndOpen(engine, good))).toEqual([
    "d greater_than(0.5)",
    "i in_range(0, 5)",
    "i not_nullable",
    "s less_than(2020-01-03 00:00:00)",
    "s not_nullable",
    "t equal_to(ab)",
    "t str_startswith('ab')",
  ]);
});

test("a condition on every word of a dictionary is proven, whatever it asks", async () => {
  const engine = await scratchEngine();
  const contract = parseContract(
    {
      columns: {
        word: { isin: ["a", "bb", "ccc"], str_length: { max_value: 3 }, str_matches: "^[a-c]+$" },
        maybe: { nullable: true, notin: ["x"] },
        other: { isin: ["a", "bb"] },
        text: { str_length: { max_value: 12 } },
      },
    },
    "words.yaml",
  );
  const word = sql`['a', 'bb', 'ccc'][1 + i % 3]`;
  const maybe = sql`CASE WHEN i % 2 = 0 THEN ${word} END`;
  const query = sql`SELECT ${word} AS word, ${maybe} AS maybe, ${word} AS other, 't' || i AS text FROM range(20000) r(i)`;
  const relation = await writeAndOpen(engine, query);
  const plan = planValidation(contract, relation.columns);
  const { checks } = await proveChecks(engine, relation, plan.checks);
  expect([...checks].map(({ column, check }) => `${column} ${check}`).sort()).toEqual([
    "maybe notin(['x'])",
    "other not_nullable",
    "text not_nullable",
    "word isin(['a', 'bb', 'ccc'])",
    "word not_nullable",
    "word str_length(None, 3)",
    "word str_matches('^[a-c]+$')",
  ]);
  const { report } = await validateRelation(engine, contract, relation);
  expect(report.checks.filter(({ failed }) => failed > 0)).toMatchObject([
    { column: "other", failed: 6666 },
  ]);
});

test("NaN in our own file leaves a float unproven, which has no bounds then", async () => {
  const engine = await scratchEngine();
  const withNaN = sql`SELECT unnest([1.5, 'nan'::DOUBLE]) AS d`;
  expect(await provenIds(engine, await writeAndOpen(engine, withNaN))).toEqual([]);
});

test("a float of 32 bits is proven as the check asks it, rounded to its width", async () => {
  const engine = await scratchEngine();
  const f = { nullable: true, checks: ["ge", "le", "gt"].map((check_name) => at(check_name, 0.1)) };
  const contract = parseContract({ columns: { f } }, "single.yaml");
  const relation = await writeAndOpen(engine, sql`SELECT unnest([0.1::FLOAT, NULL]) AS f`);
  const plan = planValidation(contract, relation.columns);
  const { checks } = await proveChecks(engine, relation, plan.checks);
  expect([...checks].map(({ check }) => check)).toEqual([
    "greater_than_or_equal_to(0.1)",
    "less_than_or_equal_to(0.1)",
  ]);
});

const at = (check_name: string, value: number, ignore_na = true) => ({
  value,
  options: { check_name, ignore_na },
});

/** x: 1 to 200, NaN and null; y, of 32 bits, and z: 1 to 5 and NaN. */
const FOREIGN = joinPath(import.meta.dirname, "../fixtures/pyarrow-26/nan-outside-bounds.parquet");

test("NaN in a file of another tool counts as null, although the file's bounds leave it out", async () => {
  const engine = await scratchEngine();
  const relation = await openParquet(engine, [FOREIGN]);
  const contract = parseContract({ columns: { x: {}, y: {}, z: { lt: 4.5 } } }, "nan.yaml");
  const { report, badRows } = await validateRelation(engine, contract, relation);
  const failed = Object.fromEntries(report.checks.map((c) => [`${c.column} ${c.check}`, c.failed]));
  expect(failed).toEqual({
    "x not_nullable": 2,
    "y not_nullable": 1,
    "z not_nullable": 1,
    "z less_than(4.5)": 1,
  });
  expect(report.counts.failed_rows).toBe(3);
  const [row] = await engine.rows(
    sql`SELECT count(*) AS n FROM ${relation.numbered} WHERE ${badRows[1]!.condition}`,
  );
  expect(row).toEqual({ n: 1 });
});

const RANGES = parseContract(
  {
    columns: {
      x: {
        nullable: true,
        checks: [at("le", 200), at("le", 199), at("gt", 0), at("gt", 0, false), at("ge", 1, false)],
      },
      y: { in_range: { min_value: 1, max_value: 5 } },
      z: { gt: 0.5 },
    },
  },
  "ranges.yaml",
);

async function foreignProofs(engine: Engine, path: string): Promise<unknown[]> {
  const relation = await openParquet(engine, [path]);
  const plan = planValidation(RANGES, relation.columns);
  const { checks } = await proveChecks(engine, relation, plan.checks);
  return [...checks].map(({ column, check, checkNumber }) => [column, check, checkNumber]);
}

test("bounds of floats prove checks that ignore NaN, although another tool leaves it out of them", async () => {
  const engine = await scratchEngine();
  expect(await foreignProofs(engine, FOREIGN)).toEqual([
    ["x", "less_than_or_equal_to(200)", 0],
    ["x", "greater_than(0)", 2],
    ["y", "in_range(1, 5)", 0],
    ["z", "greater_than(0.5)", 0],
  ]);
  const relation = await openParquet(engine, [FOREIGN]);
  const { report } = await validateRelation(engine, RANGES, relation);
  const counts = report.checks.map((c) => [c.column, c.check_number, c.checked, c.failed]);
  expect(counts).toEqual([
    ["x", 0, 3, 0],
    ["x", 1, 3, 1],
    ["x", 2, 3, 0],
    ["x", 3, 5, 2],
    ["x", 4, 5, 2],
    ["y", null, 5, 1],
    ["y", 0, 4, 0],
    ["z", null, 5, 1],
    ["z", 0, 4, 0],
  ]);
});

test("bounds that are NaN prove nothing", async () => {
  const engine = await scratchEngine();
  const single = (value: number) => Buffer.from(Float32Array.of(value).buffer);
  const double = (value: number) => Buffer.from(Float64Array.of(value).buffer);
  const bytes = readFileSync(FOREIGN);
  const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  for (const write of [single, double]) {
    let place = bytes.indexOf(write(5), footer);
    while (place !== -1) {
      write(Number.NaN).copy(bytes, place);
      place = bytes.indexOf(write(5), place);
    }
  }
  const path = joinPath(scratchFolder(), "nan-bounds.parquet");
  writeFileSync(path, bytes);
  expect(await foreignProofs(engine, path)).toEqual([
    ["x", "less_than_or_equal_to(200)", 0],
    ["x", "greater_than(0)", 2],
  ]);
});

/** 4,000 rows by `DataFrame.to_parquet`: three words, a word or none, nanoseconds 0 to 49, texts, eighths. */
const PANDAS = joinPath(import.meta.dirname, "../fixtures/pandas-3/visits.parquet");

test("statistics and dictionaries of a file that pandas wrote prove as ours do", async () => {
  const engine = await scratchEngine();
  const relation = await openParquet(engine, [PANDAS]);
  const contract = parseContract(
    {
      columns: {
        word: { isin: ["a", "bb", "ccc"], str_length: { max_value: 3 } },
        maybe: { nullable: true, isin: ["x"] },
        seen: { lt: "2020-01-01 00:00:00.000001", le: "2020-01-01", ge: "2020-01-01" },
        text: { str_startswith: "t", str_length: 6 },
        amount: { le: 12.5 },
      },
    },
    "pandas.yaml",
  );
  const plan = planValidation(contract, relation.columns);
  const { checks } = await proveChecks(engine, relation, plan.checks);
  expect([...checks].map(({ column, check }) => `${column} ${check}`).sort()).toEqual([
    "amount less_than_or_equal_to(12.5)",
    "amount not_nullable",
    "maybe isin(['x'])",
    "seen greater_than_or_equal_to(2020-01-01)",
    "seen less_than(2020-01-01 00:00:00.000001)",
    "seen not_nullable",
    "text not_nullable",
    "text str_startswith('t')",
    "word isin(['a', 'bb', 'ccc'])",
    "word not_nullable",
    "word str_length(None, 3)",
  ]);
  const { report } = await validateRelation(engine, contract, relation);
  const failed = report.checks.filter((check) => check.failed > 0);
  expect(failed.map(({ column, failed: rows }) => [column, rows])).toEqual([["seen", 3920]]);
});

test("nulls of a large table are counted, few or many, and fail no row where they are allowed", async () => {
  const engine = await scratchEngine();
  const table = id(engine.freshName());
  await engine.run(
    sql`CREATE TABLE ${table} AS SELECT CASE WHEN i % 1000 <> 0 THEN i END AS few, CASE WHEN i % 2 = 0 THEN i END AS many, CASE WHEN i < 59000 THEN 1 END AS late FROM range(60000) r(i)`,
  );
  const numbered = sql`(SELECT *, rowid AS ${id(ROW_NUMBER)} FROM ${table})`;
  const relation = await describeRelation(engine, table, numbered);
  const nullable = { nullable: true, ge: 5 };
  const columns = { few: nullable, many: nullable, late: { nullable: true, le: 1 } };
  const contract = parseContract({ columns }, "nulls.yaml");
  const { report } = await validateRelation(engine, contract, relation);
  expect(report.checks.map(({ column, checked, failed }) => [column, checked, failed])).toEqual([
    ["few", 59_940, 4],
    ["many", 30_000, 3],
    ["late", 59_000, 0],
  ]);
  expect(report.counts).toMatchObject({ failures: 7, failed_rows: 5 });
});
