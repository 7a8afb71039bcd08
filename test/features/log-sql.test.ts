import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { log } from "../../src/core/math.ts";
import { toFeatureSql } from "../../src/features/feature-sql.ts";
import type { NumericStep } from "../../src/features/feature-view.ts";
import { applyStep } from "../../src/features/numeric-steps.ts";
import { readColumns } from "../../src/table/columns.ts";
import { type Engine, openEngine } from "../../src/table/engine.ts";
import { join, lit, type Sql, sql } from "../../src/table/sql.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ threads: 1 });
});
afterAll(() => engine.close());

/** The values after the steps, computed by DuckDB; NaN where NULL. */
async function inSql(values: readonly number[], steps: readonly NumericStep[]) {
  const rows = values.map((x) => sql`(${lit(x)}::DOUBLE)`);
  const relation: Sql = sql`(VALUES ${join(rows)}) t(x)`;
  const view = {
    inputs: [
      {
        name: "x",
        type: "number" as const,
        source: { kind: "column" as const, column: "x", columnType: "float64" },
        example: null,
      },
    ],
    outputs: [{ name: "y", kind: "numeric" as const, input: "x", steps }],
  };
  const { columns } = await readColumns(engine, toFeatureSql(view, relation));
  return [...(columns[0] as { values: Float64Array }).values];
}

function bits(x: number): string {
  if (Number.isNaN(x)) return "missing";
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  return view.getBigUint64(0).toString(16);
}

async function expectSameBits(values: readonly number[], steps: readonly NumericStep[]) {
  const expected = values.map((x) => steps.reduce((y, step) => applyStep(y, step), x));
  const got = await inSql(values, steps);
  const differing = values.flatMap((x, i) =>
    bits(got[i]!) === bits(expected[i]!) ? [] : [{ x, sql: got[i], ts: expected[i] }],
  );
  expect(differing).toEqual([]);
}

const LOG = [{ op: "log", offset: 0 }] as const;

test("ln in SQL has the bits of core/math at every power of two and beside it", async () => {
  const powers = Array.from({ length: 2098 }, (_, i) => 2 ** (i - 1074));
  const beside = powers.flatMap((p) => [p, p * (1 + 2 ** -52), p * (1 - 2 ** -53), p * Math.SQRT2]);
  await expectSameBits(beside.filter(Number.isFinite), LOG);
});

test("ln in SQL has the bits of core/math over all doubles, subnormal ones too", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.double({ noNaN: true }),
          fc.double({ min: 0, max: 2 ** -1000, noNaN: true }),
          fc.double({ min: 0.5, max: 2, noNaN: true }),
          fc.double({ min: 0, max: 1e6, noNaN: true }),
        ),
        { minLength: 300, maxLength: 300 },
      ),
      (values) => expectSameBits(values, LOG),
    ),
    { numRuns: 30 },
  );
});

test("ln of nothing, zero and a negative number is missing, of infinity infinity", async () => {
  const got = await inSql([Number.NaN, 0, -0, -1, Number.POSITIVE_INFINITY, 1, 5e-324], LOG);
  expect(got).toEqual([NaN, NaN, NaN, NaN, Number.POSITIVE_INFINITY, 0, log(5e-324)]);
  expect(log(5e-324)).toBeCloseTo(-744.4400719213812, 10); // Python 3.11.7: math.log(5e-324)
});

test("every chain of steps gives the same bits in SQL and in TypeScript", async () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
  const step: fc.Arbitrary<NumericStep> = fc.oneof(
    number.map((value) => ({ op: "impute" as const, value })),
    fc.tuple(fc.option(number), fc.option(number)).map(([a, b]) => ({
      op: "clip" as const,
      min: a === null || b === null ? a : Math.min(a, b),
      max: a === null || b === null ? b : Math.max(a, b),
    })),
    number.map((offset) => ({ op: "log" as const, offset })),
    fc
      .tuple(number, fc.double({ min: 1e-3, max: 1e3, noNaN: true }))
      .map(([center, scale]) => ({ op: "scale" as const, center, scale })),
    fc
      .uniqueArray(number, { minLength: 1, maxLength: 5 })
      .map((edges) => ({ op: "bin" as const, edges: edges.sort((a, b) => a - b) })),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 5 }),
      fc.array(fc.oneof(number, fc.constant(Number.NaN)), { minLength: 20, maxLength: 20 }),
      (steps, values) => expectSameBits(values, steps),
    ),
    { numRuns: 60 },
  );
});
