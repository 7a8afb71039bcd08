import { join as joinPath } from "node:path";
import { expect, test } from "vitest";
import type { Engine } from "../../src/table/engine.ts";
import { openParquet } from "../../src/table/parquet-source.ts";
import { describeRelation, type Relation, ROW_NUMBER } from "../../src/table/relation.ts";
import { id, join, lit, raw, type Sql, sql } from "../../src/table/sql.ts";
import { parseContractText } from "../../src/validation/contract-text.ts";
import { planValidation } from "../../src/validation/plan.ts";
import { proveChecks } from "../../src/validation/prove-checks.ts";
import { validateRelation } from "../../src/validation/validate-relation.ts";
import { scratchEngine } from "../table/scratch.ts";

/** `datetimes.interop.test.ts` holds all of this against Pandera. */
const contractOf = (column: string, check: string) =>
  parseContractText(`columns: {${column}: {${check}}}`, "times.yaml");

async function failures(
  engine: Engine,
  relation: Relation,
  checks: readonly string[],
): Promise<number[]> {
  const column = relation.columns[0]!.name;
  const found: number[] = [];
  for (const check of checks) {
    const { report } = await validateRelation(engine, contractOf(column, check), relation);
    found.push(report.checks.at(-1)!.failed);
  }
  return found;
}

async function tableOf(engine: Engine, query: Sql): Promise<Relation> {
  const table = id(engine.freshName());
  await engine.run(sql`CREATE TABLE ${table} AS ${query}`);
  return describeRelation(engine, table, sql`(SELECT *, rowid AS ${id(ROW_NUMBER)} FROM ${table})`);
}

const CHECKS = [
  "ge: '2020-01-01T00:00:00.000000001'",
  "gt: '2020-01-01T00:00:00.000000001'",
  "le: '2020-01-01 00:00:00.000001001'",
  "lt: '2020-01-01 00:00:00.000001001'",
  "eq: '2020-01-01 00:00:00.000000001'",
  "ne: '2020-01-01 00:00:00.000000001'",
];

test("bounds in nanoseconds are compared to the nanosecond", async () => {
  const engine = await scratchEngine();
  const table = await tableOf(
    engine,
    sql`SELECT make_timestamp_ns(1577836800000000000 + unnest([0, 1, 1000, 1001, 1002])) AS t`,
  );
  expect(await failures(engine, table, CHECKS)).toEqual([1, 2, 1, 2, 4, 1]);
});

test("a column of microseconds holds no nanosecond that a bound is at", async () => {
  const engine = await scratchEngine();
  const micros = sql`make_timestamp(1577836800000000 + unnest([0, 1, 2]))`;
  const table = await tableOf(engine, sql`SELECT ${micros} AS t`);
  expect(await failures(engine, table, CHECKS)).toEqual([1, 1, 1, 1, 3, 0]);
  const zoned = await tableOf(engine, sql`SELECT (${micros})::TIMESTAMPTZ AS t`);
  expect(await failures(engine, zoned, CHECKS)).toEqual([1, 1, 1, 1, 3, 0]);
});

test("a bound that nanoseconds cannot reach is later, or earlier, than every value", async () => {
  const engine = await scratchEngine();
  // the last of them, `pd.Timestamp.max`, is infinity to DuckDB
  const table = await tableOf(
    engine,
    sql`SELECT unnest(['1999-12-31', 'infinity'])::TIMESTAMP_NS AS t`,
  );
  const [late, early] = ["'2999-12-31'", "'1066-10-14 00:00:00'"];
  const checks = ["lt", "le", "gt", "ge", "eq", "ne"];
  const ask = (bound: string) => checks.map((check) => `${check}: ${bound}`);
  expect(await failures(engine, table, ask(late))).toEqual([0, 0, 2, 2, 2, 0]);
  expect(await failures(engine, table, ask(early))).toEqual([2, 2, 0, 0, 2, 0]);
  const last = "'2262-04-11 23:47:16.854775807'";
  expect(await failures(engine, table, ask(last))).toEqual([1, 0, 2, 1, 1, 1]);
});

test("a list of datetimes without quotes is compared with their fractions", async () => {
  const engine = await scratchEngine();
  const values = ["2026-01-31 10:00:00", "2026-01-31 10:00:00.5", "2026-02-01 00:00:00.000001"];
  const [half, micro] = ["2026-01-31 10:00:00.5", "2026-02-01 00:00:00.000001"];
  for (const type of ["TIMESTAMP", "TIMESTAMP_NS"]) {
    const texts = sql`unnest([${join(values.map((each) => lit(each)))}])`;
    const table = await tableOf(engine, sql`SELECT (${texts})::${raw(type)} AS t`);
    const ask = (check: string) => `dtype: 'datetime64[ns]', ${check}`;
    const checks = [
      `isin: [${half}]`,
      `isin: [${half}, ${micro}, 2026-01-31 10:00:00]`,
      `isin: ['2026-01-31 10:00:00', ${half}]`,
      `notin: [${half}]`,
      `unique_values_eq: [${half}, ${micro}, 2026-01-31 10:00:00]`,
      `isin: ['${half}']`,
      "isin: [2026-01-31 10:00:00]",
    ];
    expect(await failures(engine, table, checks.map(ask))).toEqual([2, 0, 1, 1, 0, 3, 2]);
  }
});

/** By pandas: `seen` goes from 0 to 49 nanoseconds, each 80 times. */
const PANDAS = joinPath(import.meta.dirname, "../fixtures/pandas-3/visits.parquet");

test("statistics of nanoseconds prove to the nanosecond", async () => {
  const engine = await scratchEngine();
  const relation = await openParquet(engine, [PANDAS]);
  const checks = [
    "le: '2020-01-01T00:00:00.000000049'",
    "lt: '2020-01-01T00:00:00.000000049'",
    "lt: '2020-01-01T00:00:00.00000005'",
    "ge: '2020-01-01T00:00:00.000000001'",
    "le: '2999-12-31'",
  ];
  const proven: string[] = [];
  const failed: Record<string, number> = {};
  for (const check of checks) {
    const contract = contractOf("seen", `nullable: true, ${check}`);
    const plan = planValidation(contract, relation.columns);
    if ((await proveChecks(engine, relation, plan.checks)).checks.size > 0) proven.push(check);
    const { report } = await validateRelation(engine, contract, relation);
    failed[check] = report.checks.at(-1)!.failed;
  }
  expect(proven).toEqual([checks[0], checks[2], checks[4]]);
  expect(Object.values(failed)).toEqual([0, 80, 0, 80, 0]);
});
