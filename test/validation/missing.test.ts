import fc from "fast-check";
import { expect, test } from "vitest";
import type { Engine } from "../../src/table/engine.ts";
import { describeRelation, type Relation, ROW_NUMBER } from "../../src/table/relation.ts";
import { id, join, lit, type Sql, sql } from "../../src/table/sql.ts";
import { parseContract } from "../../src/validation/parse-contract.ts";
import { validateRelation } from "../../src/validation/validate-relation.ts";
import { scratchEngine } from "../table/scratch.ts";

const CHECKS = {
  equal_to: 1.5,
  not_equal_to: 1.5,
  greater_than: 0,
  greater_than_or_equal_to: 0,
  less_than: 2,
  less_than_or_equal_to: 2,
  in_range: { min_value: 0, max_value: 2 },
  isin: [1.5, 0],
  notin: [1.5, 0],
};
const strict = Object.fromEntries(
  Object.entries(CHECKS).map(([name, argument]) => {
    const given = name === "in_range" ? (argument as object) : { value: argument };
    return [name, { ...given, options: { ignore_na: false } }];
  }),
);

const CONTRACT = parseContract(
  {
    columns: {
      lenient: { dtype: "float64", nullable: true, ...CHECKS },
      strict: { dtype: "float64", nullable: true, checks: strict },
      never: { dtype: "float32", ...CHECKS },
      filled: { dtype: "float64", default: 9, nullable: true, ...CHECKS },
    },
    checks: { greater_than: { value: -1, options: { ignore_na: false } }, notin: [5] },
  },
  "missing.yaml",
);

type Cell = number | "missing";

async function openTable(
  engine: Engine,
  rows: readonly (readonly Cell[])[],
  missing: Sql,
): Promise<Relation> {
  const table = id(engine.freshName());
  await engine.run(
    sql`CREATE TABLE ${table} (lenient DOUBLE, strict DOUBLE, never FLOAT, filled DOUBLE)`,
  );
  const values = rows.map((row) => {
    const cells = row.map((cell) => (cell === "missing" ? missing : lit(cell)));
    return sql`(${join(cells)})`;
  });
  await engine.run(sql`INSERT INTO ${table} VALUES ${join(values)}`);
  return describeRelation(engine, table, sql`(SELECT *, rowid AS ${id(ROW_NUMBER)} FROM ${table})`);
}

const cell = fc.constantFrom<Cell>("missing", 1.5, 0, -0, -1, 2, 5, Number.POSITIVE_INFINITY);
const row = fc.array(cell, { minLength: 4, maxLength: 4 });

test("a NaN is found missing and refused just as a NULL is", async () => {
  const engine = await scratchEngine();
  let failed = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (rows) => {
      const withNaN = await openTable(engine, rows, sql`'nan'`);
      const withNull = await openTable(engine, rows, sql`NULL`);
      const [one, other] = [
        await validateRelation(engine, CONTRACT, withNaN),
        await validateRelation(engine, CONTRACT, withNull),
      ];
      expect(one.report).toEqual(other.report);
      failed += one.report.counts.failures;
    }),
    { numRuns: 60 },
  );
  expect(failed).toBeGreaterThan(500);
});
