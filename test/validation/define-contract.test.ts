import { inspect } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engine, openEngine } from "../../src/table/engine.ts";
import { describeRelation } from "../../src/table/relation.ts";
import { sql } from "../../src/table/sql.ts";
import type { Contract } from "../../src/validation/contract.ts";
import type {
  ColumnDefinition,
  ContractDefinition,
} from "../../src/validation/contract-definition.ts";
import { toContractJson } from "../../src/validation/contract-json.ts";
import { parseContractText } from "../../src/validation/contract-text.ts";
import {
  contractFromYaml,
  defineContract,
  type InferRow,
} from "../../src/validation/define-contract.ts";
import { planValidation } from "../../src/validation/plan.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ threads: 1 });
});
afterAll(() => engine.close());

const visits = defineContract({
  columns: {
    id: { dtype: "str", unique: true, str_matches: "P[0-9]{4}$" },
    age: { dtype: "int64", nullable: true, in_range: { min_value: 0, max_value: 120 } },
    score: { dtype: "float64", ge: { value: 0, mostly: 0.9 } },
    seen: { dtype: "datetime64[ns]", ge: "2020-01-01 00:00:00" },
    city: { dtype: "str", isin: ["Bern", "Basel"], nullable: true },
    smoker: { dtype: "bool" },
  },
  strict: true,
  unique: ["id", "seen"],
  name: "visits",
  checks: [{ min_value: 0, options: { check_name: "ge", ignore_na: false } }],
});

const YAML = `
name: visits
strict: true
unique: [id, seen]
columns:
  id: {dtype: str, unique: true, str_matches: "P[0-9]{4}$"}
  age: {dtype: int64, nullable: true, in_range: {min_value: 0, max_value: 120}}
  score: {dtype: float64, ge: {value: 0, mostly: 0.9}}
  seen: {dtype: "datetime64[ns]", ge: 2020-01-01 00:00:00}
  city: {dtype: str, isin: [Bern, Basel], nullable: true}
  smoker: {dtype: bool}
checks: [{min_value: 0, options: {check_name: ge, ignore_na: false}}]
`;

const ROWS = sql`(SELECT * FROM (VALUES
  ('P0001', 41::BIGINT, 0.5::DOUBLE, TIMESTAMP_NS '2026-01-31 10:00:00', 'Bern', true),
  ('P0002', NULL, 1.5, TIMESTAMP_NS '2026-02-01 00:00:00', NULL, false)
) AS t(id, age, score, seen, city, smoker))`;

test("a contract in code is the contract of its YAML, and compiles to the same plan", async () => {
  const written = parseContractText(YAML, "visits.yaml");
  expect(toContractJson(visits)).toEqual(toContractJson(written));
  const { columns } = await describeRelation(engine, ROWS, ROWS);
  const planned = (contract: Contract) =>
    inspect(planValidation(contract, columns), { depth: null });
  expect(planned(visits)).toBe(planned(written));
  expect(planned(visits)).toContain("in_range(0, 120)");
  expect(toContractJson(contractFromYaml(visits.toYaml()))).toEqual(toContractJson(written));
});

test("rows of the engine are of the type that the contract infers", async () => {
  const rows = (await engine.rows(sql`SELECT * FROM ${ROWS}`)) as InferRow<typeof visits>[];
  const expected: InferRow<typeof visits>[] = [
    {
      ...{ id: "P0001", age: 41, score: 0.5, seen: "2026-01-31T10:00:00.000Z" },
      ...{ city: "Bern", smoker: true },
    },
    {
      ...{ id: "P0002", age: null, score: 1.5, seen: "2026-02-01T00:00:00.000Z" },
      ...{ city: null, smoker: false },
    },
  ];
  expect(rows).toEqual(expected);
});

test("what the compiler cannot see is refused as in a file, with its place", () => {
  const define = () =>
    defineContract({ name: "p", columns: { a: { in_range: { min_value: 2, max_value: 1 } } } });
  expect(define).toThrow(
    expect.objectContaining({
      code: "CONTRACT_INVALID",
      message: expect.stringMatching(
        /^p: columns\.a\.in_range: expected min_value below max_value/,
      ),
    }),
  );
});

const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 6 }).filter((t) => t.isWellFormed()),
  fc.constantFrom("yes", "null", "1", "1.0", "1e5", "2026-01-01", "2026-01-01 00:00:00", " x", "#"),
);
const literal = fc.oneof(number, text, fc.boolean());
const label = fc.option(text, { nil: null });
const optional = { requiredKeys: [] };
const severity = fc.constantFrom("error", "warning");
const options = fc.record(
  {
    ignore_na: fc.boolean(),
    raise_warning: fc.boolean(),
    n_failure_cases: fc.integer({ min: 1, max: 99 }),
    error: text,
    mostly: fc.double({ min: 0.01, max: 1, noNaN: true }),
    severity,
  },
  optional,
);
const withOptions = <T extends object>(args: fc.Arbitrary<T>) =>
  fc.tuple(args, options).map(([given, more]) => ({ ...given, ...more }));

const column: fc.Arbitrary<ColumnDefinition> = fc.record(
  {
    dtype: fc.constantFrom("int64", "str", "float", "datetime64[us]", "Int8", "category", "bool"),
    nullable: fc.boolean(),
    unique: fc.boolean(),
    coerce: fc.boolean(),
    required: fc.boolean(),
    default: fc.option(literal, { nil: null }),
    report_duplicates: fc.constantFrom("all", "exclude_first", "exclude_last"),
    sensitivity: fc.constantFrom("identifier", "phi"),
    title: label,
    gt: fc.oneof(literal, withOptions(fc.record({ min_value: literal }))),
    greater_than: literal,
    in_range: withOptions(
      fc
        .tuple(fc.integer(), fc.integer())
        .map(([low, room]) => ({ min_value: low, max_value: low + 1 + Math.abs(room) })),
    ),
    isin: fc.oneof(fc.array(literal), withOptions(fc.record({ value: fc.array(literal) }))),
    str_length: fc.oneof(fc.nat(9), withOptions(fc.record({ min_value: fc.nat(9) }))),
    str_startswith: text,
  },
  optional,
);

const definition: fc.Arbitrary<ContractDefinition> = fc.record(
  {
    columns: fc.dictionary(text, column, { maxKeys: 4 }),
    coerce: fc.boolean(),
    strict: fc.constantFrom(true, false, "filter"),
    ordered: fc.boolean(),
    unique: fc.oneof(text, fc.array(text), fc.array(fc.array(text), { minLength: 1 })),
    add_missing_columns: fc.boolean(),
    title: label,
    evolution: fc.record({ added: fc.constantFrom("fail", "ignore") }, optional),
    multiindex: fc.record({ name: label, coerce: fc.boolean(), ordered: fc.boolean() }, optional),
    table_checks: fc.record(
      {
        row_count: fc.record({ min: fc.integer({ min: 1 }), severity }, { requiredKeys: ["min"] }),
        freshness: fc.record({ column: fc.constant("seen"), max_age: fc.constant("2d") }),
        foreign_key: fc.oneof(
          fc.constant({ columns: "id", dataset: "people" }),
          fc.constant([
            { columns: ["a", "b"], file: "sites.csv", references: ["site", "id"] },
            { columns: ["b"], dataset: "people", severity: "warning" },
          ]),
        ),
        unique_share: fc.record({
          columns: fc.uniqueArray(text, { minLength: 1 }).filter((names) => !names.includes("")),
          min: fc.double({ min: 1e-9, max: 1, noNaN: true }),
        }),
        no_subject_in_two_splits: fc.record({
          subject: fc.constant("id"),
          split: fc.constant("split"),
        }),
      },
      optional,
    ),
  },
  { requiredKeys: ["columns"] },
) as fc.Arbitrary<ContractDefinition>;

test("columns named like numbers keep their place", () => {
  const contract = contractFromYaml(
    "columns: [{name: b, dtype: str}, {name: '1'}, {name: '0', gt: 1}]",
  );
  const back = contractFromYaml(contract.toYaml());
  expect(back.columns.map(({ name }) => name)).toEqual(["b", "1", "0"]);
  expect(toContractJson(back)).toEqual(toContractJson(contract));
});

test("whatever is defined, its YAML reads as the same contract", () => {
  fc.assert(
    fc.property(definition, fc.boolean(), (defined, full) => {
      const contract = defineContract(defined);
      const back = contractFromYaml(contract.toYaml({ full }));
      expect(toContractJson(back)).toEqual(toContractJson(contract));
    }),
    { numRuns: 300 },
  );
});
