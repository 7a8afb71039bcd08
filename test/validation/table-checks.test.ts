import { describe, expect, test } from "vitest";
import { openEngine } from "../../src/table/engine.ts";
import { describeRelation, type Relation } from "../../src/table/relation.ts";
import { raw, sql } from "../../src/table/sql.ts";
import { toContractJson } from "../../src/validation/contract-json.ts";
import { parseContractText } from "../../src/validation/contract-text.ts";
import type { ValidationReport } from "../../src/validation/report.ts";
import { validateRelation } from "../../src/validation/validate-relation.ts";
import { toContractYaml } from "../../src/validation/write-contract.ts";

const NOW = new Date("2026-03-10T12:00:00Z");
const ROWS = `(VALUES ('a', 'train', TIMESTAMP '2026-03-08 12:00:00'), ('b', 'test', TIMESTAMP '2026-03-01 00:00:00'),
  ('a', 'test', NULL), (NULL, 'train', NULL), (NULL, 'test', NULL), ('c', 'test', NULL)) t(subject, split, seen)`;

async function validate(checks: string, rows = ROWS, columns = ""): Promise<ValidationReport> {
  const engine = await openEngine();
  try {
    await engine.run(sql`CREATE TABLE d AS SELECT * FROM ${raw(rows)}`);
    const numbered = sql`(SELECT *, rowid AS "__row__" FROM d)`;
    const relation: Relation = await describeRelation(engine, sql`d`, numbered);
    const text = `columns: {${columns}}\ntable_checks: {${checks}}\n`;
    const contract = parseContractText(text, "c.yaml");
    return (await validateRelation(engine, contract, relation, { now: NOW })).report;
  } finally {
    engine.close();
  }
}

describe("a check of the table", () => {
  test.each([
    ["as many rows as wanted", "row_count: {min: 6, max: 6}"],
    ["a newest value at the limit", "freshness: {column: seen, max_age: 2d}"],
    [
      "enough values that differ; nulls are one",
      "unique_share: {columns: [subject, split], min: 0.8}",
    ],
    ["a newest value well within", "freshness: {column: seen, max_age: 1w}"],
  ])("passes: %s", async (_, checks) => {
    const report = await validate(checks);
    expect(report).toMatchObject({ valid: true, failures: [] });
    expect(report.checks).toMatchObject([{ schema_context: "DataFrameSchema", status: "passed" }]);
  });

  test.each([
    ["too few rows", "row_count: {min: 7}", null, "row_count(7, None)", 6],
    ["too many rows", "row_count: {max: 5}", null, "row_count(0, 5)", 6],
    [
      "rows that are too old",
      "freshness: {column: seen, max_age: 47h}",
      "seen",
      "freshness(47h)",
      "2026-03-08T12:00:00",
    ],
    [
      "a column of times that is gone",
      "freshness: {column: sen, max_age: 2d}",
      "sen",
      "freshness(2d)",
      "sen",
    ],
    [
      "values that repeat",
      "unique_share: {columns: split, min: 0.34}",
      "split",
      "unique_share('split', 0.34)",
      2 / 6,
    ],
    [
      "combinations that repeat",
      "unique_share: [{columns: [split, seen], min: 1}]",
      null,
      "unique_share(['split', 'seen'], 1)",
      4 / 6,
    ],
    [
      "a column to count that is gone",
      "unique_share: {columns: [split, sen], min: 1}",
      null,
      "unique_share(['split', 'sen'], 1)",
      "sen",
    ],
    [
      "a column that holds no times",
      "freshness: {column: split, max_age: 2d}",
      "split",
      "freshness(2d)",
      "str",
    ],
  ])("fails with one case: %s", async (_, checks, column, check, failure_case) => {
    const report = await validate(checks);
    expect(report.valid).toBe(false);
    expect(report.failures).toEqual([
      {
        schema_context: "DataFrameSchema",
        column,
        check,
        check_number: null,
        failure_case,
        index: null,
        severity: "error",
      },
    ]);
    expect(report.counts).toMatchObject({ failures: 1, listed: 1, failed_checks: 1 });
  });

  test("every row of a subject in two splits is a case; rows without a subject are none", async () => {
    const checks = "no_subject_in_two_splits: {subject: subject, split: split}";
    const report = await validate(checks);
    expect(report.failures.map(({ failure_case, index }) => [failure_case, index])).toEqual([
      ["a", 0],
      ["a", 2],
    ]);
    expect(report.counts).toMatchObject({ failures: 2, failed_rows: 2 });
    const masked = await validate(checks, ROWS, "subject: {nullable: true, sensitivity: phi}");
    expect(masked.failures.map(({ failure_case }) => failure_case)).toEqual(["masked", "masked"]);
  });

  test("sees columns after coercion and defaults", async () => {
    const rows = `(VALUES ('7', 'train', '2026-03-01'), ('7.0', 'test', NULL), ('8', NULL, '2026-03-10'),
      ('8', 'test', 'soon')) t(subject, split, seen)`;
    const columns = `subject: {dtype: float64, coerce: true}, split: {dtype: str, default: train},
      seen: {dtype: "datetime64[ns]", coerce: true, nullable: true}`;
    const ofTable = async (check: string) => {
      const { failures } = await validate(check, rows, columns);
      return failures
        .filter(({ schema_context }) => schema_context === "DataFrameSchema")
        .map(({ failure_case, index }) => [failure_case, index]);
    };
    expect(await ofTable("freshness: {column: seen, max_age: 2d}")).toEqual([]);
    expect(await ofTable("freshness: {column: seen, max_age: 1h}")).toEqual([
      ["2026-03-10T00:00:00", null],
    ]);
    const subjects = [7, 7, 8, 8].map((subject, index) => [subject, index]);
    expect(await ofTable("no_subject_in_two_splits: {subject: subject, split: split}")).toEqual(
      subjects,
    );
    expect(await ofTable("unique_share: {columns: subject, min: 0.6}")).toEqual([[0.5, null]]);
  });

  test("a warning leaves the data valid", async () => {
    const report = await validate("row_count: {min: 9, severity: warning}");
    expect(report).toMatchObject({ valid: true, warnings: [{ check: "row_count(9, None)" }] });
  });

  test("a column without any time is not fresh", async () => {
    const report = await validate(
      "freshness: {column: seen, max_age: 1d}",
      "(SELECT NULL::DATE AS seen)",
    );
    expect(report.failures).toMatchObject([{ failure_case: null }]);
  });

  test("times with a zone are compared as instants", async () => {
    const rows = "(SELECT TIMESTAMPTZ '2026-03-10 11:30:00+01:00' AS seen)";
    expect((await validate("freshness: {column: seen, max_age: 90m}", rows)).valid).toBe(true);
    const report = await validate("freshness: {column: seen, max_age: 89m}", rows);
    expect(report.failures).toMatchObject([{ failure_case: "2026-03-10T10:30:00Z" }]);
  });
});

test.each([
  ["an unknown check", "rowcount: {min: 1}", "row_count"],
  ["an unknown key", "row_count: {mni: 1}", "min"],
  [
    "bounds that cross",
    "row_count: {min: 5, max: 4}",
    'min to be at most max, got {"min":5,"max":4',
  ],
  ["no bound at all", "row_count: {}", "a min above 0 or a max"],
  ["a key without a table", "foreign_key: {columns: a}", "a dataset or a file"],
  [
    "a key into two tables",
    "foreign_key: {columns: a, dataset: b, file: c}",
    "a dataset or a file",
  ],
  [
    "a key of another length",
    "foreign_key: {columns: [a, b], file: c, references: d}",
    "as many references",
  ],
  ["a column of a key twice", "foreign_key: {columns: [a, a], file: c}", 'once, got ["a","a"]'],
  ["a share above one", "unique_share: {columns: a, min: 1.5}", "at most 1, got 1.5"],
  ["half a row", "row_count: {min: 1.5}", "a whole number, got 1.5"],
  ["an age that is none", "freshness: {column: a, max_age: 2x}", '2d, 12h or 30m, got "2x"'],
])("%s is refused", (_, checks, message) => {
  expect(() => parseContractText(`columns: {}\ntable_checks: {${checks}}\n`, "c.yaml")).toThrow(
    expect.objectContaining({
      code: "CONTRACT_INVALID",
      message: expect.stringContaining(message),
    }),
  );
});

test("what is shown and written back says the same", () => {
  const text = `columns: {}
table_checks:
  row_count: {min: 1, max: 1000}
  freshness: {column: seen, max_age: 2d, severity: warning}
  no_subject_in_two_splits: {subject: id, split: split}
  foreign_key: {columns: id, dataset: people}
  unique_share: [{columns: [id, seen], min: 0.5}]
`;
  const contract = parseContractText(text, "c.yaml");
  expect(toContractJson(contract)).toMatchObject({
    table_checks: {
      row_count: { min: 1, max: 1000, severity: "error" },
      freshness: { column: "seen", max_age: "2d", severity: "warning" },
      foreign_key: [{ columns: ["id"], dataset: "people", references: ["id"], severity: "error" }],
      unique_share: [{ columns: ["id", "seen"], min: 0.5, severity: "error" }],
    },
  });
  for (const full of [false, true]) {
    expect(parseContractText(toContractYaml(contract, { full }), "c.yaml")).toEqual(contract);
  }
  expect(toContractJson(parseContractText("columns: {}\n", "c.yaml"))).not.toHaveProperty(
    "table_checks",
  );
});
