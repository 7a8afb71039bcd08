import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engine, openEngine } from "../../src/table/engine.ts";
import { openParquet } from "../../src/table/parquet-source.ts";
import { parseContract } from "../../src/validation/parse-contract.ts";
import { planValidation } from "../../src/validation/plan.ts";
import { proveChecks } from "../../src/validation/prove-checks.ts";
import { validateRelation } from "../../src/validation/validate-relation.ts";
import { pythonEnvironment } from "./python-environment.ts";

/** Files of the real pyarrow, whose bounds leave NaN out: the same report as of one without statistics. */
let engine: Engine;
let folder: string;
beforeAll(async () => {
  engine = await openEngine({ threads: 1 });
  folder = mkdtempSync(join(tmpdir(), "duetmind-float-bounds-"));
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (check_name: string, value: number, ignore_na: boolean) => ({
  value,
  options: { check_name, ignore_na },
});
const inRange = (ignore_na: boolean) => ({
  min_value: 1,
  max_value: 10,
  options: { check_name: "in_range", ignore_na },
});
const checks = [true, false].flatMap((ignoreNa) => [
  at("greater_than", 10, ignoreNa),
  at("greater_than", -1, ignoreNa),
  at("greater_than_or_equal_to", 0, ignoreNa),
  at("less_than", 11, ignoreNa),
  at("less_than_or_equal_to", 3, ignoreNa),
  at("equal_to", 2, ignoreNa),
  at("not_equal_to", 2, ignoreNa),
  inRange(ignoreNa),
]);
const contracts = [true, false].map((nullable) =>
  parseContract({ columns: { d: { nullable, checks }, f: { nullable, checks } } }, "bounds.yaml"),
);

type Value = number | "nan" | "inf" | null;
const common: fc.Arbitrary<Value> = fc.constantFrom<Value[]>(2, 2, 3, 0.1, 10, 10.5);
const rare: fc.Arbitrary<Value> = fc.constantFrom<Value[]>(0, -0, "inf", -2, null, 1e-7);
const value = fc.oneof(
  { arbitrary: common, weight: 6 },
  { arbitrary: fc.constant<Value>("nan"), weight: 2 },
  { arbitrary: rare, weight: 1 },
);
const files = fc.record({
  values: fc.array(value, { minLength: 1, maxLength: 6 }),
  rows_in_group: fc.constantFrom(2, 100),
  dictionary: fc.boolean(),
});

const NAMED: readonly (readonly Value[])[] = [
  [2, "nan", 3],
  ["nan", 2, 3],
  ["nan", "nan"],
  ["nan", 11, 12],
  [2, 2, "nan", "nan"],
  [0, -0, "nan", null],
];

test("NaN in the middle, first, alone and anywhere, within bounds and outside", async () => {
  const python = await pythonEnvironment("pandera");
  const cases = [
    ...NAMED.flatMap((values) => [
      { values, rows_in_group: 2, dictionary: false },
      { values, rows_in_group: 100, dictionary: true },
    ]),
    ...fc.sample(files, 40),
  ].map((each, i) => ({ ...each, path: join(folder, `${i}.parquet`) }));
  python.run([join(import.meta.dirname, "pandera/write_floats.py")], {
    input: JSON.stringify(cases),
  });
  let proofs = 0;
  for (const { path, values } of cases) {
    const told = await openParquet(engine, [path]);
    const plain = await openParquet(engine, [`${path}.plain`]);
    for (const contract of contracts) {
      const { report } = await validateRelation(engine, contract, told);
      const read = await validateRelation(engine, contract, plain);
      expect(report, JSON.stringify(values)).toEqual(read.report);
      const plan = planValidation(contract, told.columns);
      proofs += (await proveChecks(engine, told, plan.checks)).checks.size;
    }
  }
  expect(proofs).toBeGreaterThan(cases.length * 4);
});
