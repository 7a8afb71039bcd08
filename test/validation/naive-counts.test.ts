import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engine, openEngine } from "../../src/table/engine.ts";
import { describeRelation, type Relation, ROW_NUMBER } from "../../src/table/relation.ts";
import { id, join, lit, sql } from "../../src/table/sql.ts";
import { failedCounts, planFailedRows } from "../../src/validation/failed-rows-sql.ts";
import { parseContract } from "../../src/validation/parse-contract.ts";
import { planValidation } from "../../src/validation/plan.ts";
import { validateRelation } from "../../src/validation/validate-relation.ts";

/** The same checks, row by row in plain TypeScript, as the reference for the counts from SQL. */
type Row = Readonly<{ n: number | null; t: string | null }>;

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ threads: 2 });
});
afterAll(() => engine.close());

const PATTERN = "a(?!b)|b$";

function contractOf(low: number, high: number, set: readonly string[], maxLength: number) {
  return parseContract(
    {
      columns: {
        n: { dtype: "float64", unique: true, in_range: { min_value: low, max_value: high } },
        t: {
          dtype: "str",
          isin: { value: set, ignore_na: false },
          str_length: { max_value: maxLength },
          str_matches: PATTERN,
        },
      },
      unique: ["n", "t"],
    },
    "property.yaml",
  );
}

async function tableOf(rows: readonly Row[]): Promise<Relation> {
  const table = id(engine.freshName());
  await engine.run(sql`CREATE TABLE ${table} (n DOUBLE, t VARCHAR)`);
  const values = rows.map(({ n, t }) => sql`(${lit(n)}, ${lit(t)})`);
  await engine.run(sql`INSERT INTO ${table} VALUES ${join(values)}`);
  return describeRelation(engine, table, sql`(SELECT *, rowid AS ${id(ROW_NUMBER)} FROM ${table})`);
}

const isNull = (n: number | null) => n === null || Number.isNaN(n);

function repeated<T>(rows: readonly T[], keyOf: (row: T) => string): boolean[] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
  return rows.map((row) => counts.get(keyOf(row))! > 1);
}

function naive(
  rows: readonly Row[],
  low: number,
  high: number,
  set: readonly string[],
  most: number,
) {
  // Python's $ also matches before a last line feed, JavaScript's does not
  const pattern = new RegExp(`^(?:${PATTERN.replace("$", "(?=\\n?$)")})`);
  const key = (n: number | null) => (isNull(n) ? "null" : String(n));
  const broken: Record<string, boolean[]> = {
    "n not_nullable": rows.map(({ n }) => isNull(n)),
    "n field_uniqueness": repeated(rows, ({ n }) => key(n)),
    "n in_range": rows.map(({ n }) => !isNull(n) && (n! < low || n! > high)),
    "t not_nullable": rows.map(({ t }) => t === null),
    "t isin": rows.map(({ t }) => t === null || !set.includes(t)),
    "t str_length": rows.map(({ t }) => t !== null && [...t].length > most),
    "t str_matches": rows.map(({ t }) => t !== null && !pattern.test(t)),
    " multiple_fields_uniqueness": repeated(rows, ({ n, t }) => JSON.stringify([key(n), t])),
  };
  const counts = Object.fromEntries(
    Object.entries(broken).map(([name, flags]) => [name, flags.filter(Boolean).length]),
  );
  // cases of a uniqueness check leave null cells out, and a joint one has a case for each column
  const cells = (flags: boolean[], isHeld: (row: Row) => boolean) =>
    rows.filter((row, i) => flags[i] && isHeld(row)).length;
  counts["n field_uniqueness"] = cells(broken["n field_uniqueness"]!, ({ n }) => !isNull(n));
  const joint = broken[" multiple_fields_uniqueness"]!;
  counts[" multiple_fields_uniqueness"] =
    cells(joint, ({ n }) => !isNull(n)) + cells(joint, ({ t }) => t !== null);
  const badRows = rows.filter((_, i) => Object.values(broken).some((flags) => flags[i])).length;
  return { counts, badRows };
}

const row = fc.record({
  n: fc.oneof(fc.integer({ min: -3, max: 6 }), fc.constantFrom(null, Number.NaN, 0.5)),
  t: fc.oneof(fc.constantFrom("a", "b", "ab", "ba", "", "aé👍", "b\n"), fc.constant(null)),
});

test("counts and bad rows equal those of a naive reference, whatever the rows", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 25 }),
      fc.integer({ min: -2, max: 2 }),
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 0, max: 2 }),
      async (rows, low, width, maxLength, maxCases) => {
        const set = ["a", "ba"];
        const relation = await tableOf(rows);
        const contract = contractOf(low, low + width, set, maxLength);
        const { report } = await validateRelation(engine, contract, relation, { maxCases });
        const expected = naive(rows, low, low + width, set, maxLength);
        const found = Object.fromEntries(
          report.checks
            .map((check) => [
              `${check.column ?? ""} ${check.check!.replace(/\(.*/s, "")}`,
              check.failed,
            ])
            .filter(([name]) => name !== "n dtype" && name !== "t dtype"),
        );
        expect(found).toEqual(expected.counts);
        expect(report.counts.failed_rows).toBe(expected.badRows);
        expect(report.valid).toBe(expected.badRows === 0);
        for (const check of report.checks)
          expect(check.listed).toBe(Math.min(check.failed, maxCases));
      },
    ),
    { numRuns: 80 },
  );
});

test("2,000 checks on 1,000 columns are counted without a FILTER, which takes the square of their number", async () => {
  const columns = Array.from({ length: 1000 }, (_, i) => `c${i}`);
  const table = id(engine.freshName());
  const values = join(columns.map((name, i) => sql`range + ${lit(i)} AS ${id(name)}`));
  await engine.run(sql`CREATE TABLE ${table} AS SELECT ${values} FROM range(5)`);
  const numbered = sql`(SELECT *, rowid AS ${id(ROW_NUMBER)} FROM ${table})`;
  const relation = await describeRelation(engine, table, numbered);
  const checks = columns.map((name, i) => [name, { le: i + 3 - (i % 2) }]);
  const contract = parseContract({ columns: Object.fromEntries(checks) }, "wide.yaml");
  const { report } = await validateRelation(engine, contract, relation, { maxCases: 0 });
  expect(report.counts).toMatchObject({ failures: 1500, failed_checks: 1000, failed_rows: 2 });
  const tests = planValidation(contract, relation.columns).checks.map((check) => check.test);
  const { rows } = planFailedRows(relation, "t", tests, []);
  const counts = failedCounts(rows, tests, []).map(({ expression }) => expression.text);
  expect(counts).toHaveLength(2000);
  expect(counts.filter((text) => text.includes("FILTER"))).toEqual([]);
}, 30_000);
