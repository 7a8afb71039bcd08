import fc from "fast-check";
import { expect, test } from "vitest";
import { describeRelation, ROW_NUMBER } from "../../src/table/relation.ts";
import { id, join, lit, type Sql, sql } from "../../src/table/sql.ts";
import { planFailedRows } from "../../src/validation/failed-rows-sql.ts";
import { parseContract } from "../../src/validation/parse-contract.ts";
import { planValidation } from "../../src/validation/plan.ts";
import { anyOf } from "../../src/validation/scan-sql.ts";
import { scratchEngine } from "../table/scratch.ts";

const row = id(ROW_NUMBER);
const rows = fc.array(
  fc.record({
    d: fc.constantFrom(null, Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 2, 2.5),
    t: fc.constantFrom(null, "", "a", "ab", "b"),
  }),
  { minLength: 1, maxLength: 12 },
);
const at = (check_name: string, value: unknown) =>
  fc.boolean().map((ignore_na) => ({ value, options: { check_name, ignore_na } }));
const field = (...checks: readonly ReturnType<typeof at>[]) =>
  fc.record({
    nullable: fc.boolean(),
    coerce: fc.boolean(),
    checks: fc.tuple(...checks).chain((all) => fc.subarray(all)),
  });
const numbers = field(at("gt", 0), at("le", 2), at("ne", 2), at("isin", [0, 2, 2.5]));
const texts = field(at("str_startswith", "a"), at("notin", ["b"]), at("str_matches", "a(?!b)"));

test("the rows that are kept are those that break a check or miss a counted value, and no other", async () => {
  const engine = await scratchEngine();
  await fc.assert(
    fc.asyncProperty(rows, numbers, texts, fc.boolean(), async (data, d, t, isCounted) => {
      const table = id(engine.freshName());
      await engine.run(sql`CREATE TABLE ${table} (d DOUBLE, t VARCHAR)`);
      const values = data.map((each) => sql`(${lit(each.d)}, ${lit(each.t)})`);
      await engine.run(sql`INSERT INTO ${table} VALUES ${join(values)}`);
      const numbered = sql`(SELECT *, rowid AS ${row} FROM ${table})`;
      const relation = await describeRelation(engine, table, numbered);
      const columns = { d: { ...d, dtype: "float64" }, t: { ...t, dtype: "str" } };
      const contract = parseContract({ columns }, "kept.yaml");
      const plan = planValidation(contract, relation.columns, { tablePrefix: engine.freshName() });
      for (const { table: refused } of plan.patterns) {
        await engine.run(sql`CREATE TABLE ${id(refused)} AS SELECT 'ab' AS value`);
      }
      const tests = plan.checks.map((check) => check.test);
      const asked = tests.flatMap((each) => (each.kind === "rows" ? [each] : []));
      const missing = asked.flatMap(({ checked }) => (checked === null ? [] : [checked.isMissing]));
      const more = isCounted ? missing : [];
      const { rows: kept, create } = planFailedRows(relation, engine.freshName(), tests, more);
      const numbersOf = async (from: Sql) =>
        (await engine.rows(sql`SELECT ${row} AS r FROM ${from} ORDER BY r`)).map(({ r }) => r);
      const broken = anyOf([...asked.map(({ fails }) => fails), ...more]);
      const expected = await numbersOf(sql`${numbered} WHERE ${broken}`);
      if (create !== null) await engine.run(create);
      expect(create === null ? [] : await numbersOf(kept.table)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});
