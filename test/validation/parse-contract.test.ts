import { describe, expect, test } from "vitest";
import { DuetMindError } from "../../src/core/errors.ts";
import { toContractJson } from "../../src/validation/contract-json.ts";
import { parseContractText } from "../../src/validation/contract-text.ts";
import { toContractYaml } from "../../src/validation/write-contract.ts";

const shown = (text: string, file = "c.yaml") => toContractJson(parseContractText(text, file));

function refusal(text: string): Record<string, unknown> {
  try {
    parseContractText(text, "c.yaml");
  } catch (error) {
    if (error instanceof DuetMindError) return { ...error.toJSON() };
    throw error;
  }
  throw new Error(`expected a refusal of:\n${text}`);
}

test("the example of the command line's page, key for key", () => {
  expect(shown("columns: {age: {dtype: int64, in_range: {min_value: 0, max_value: 120}}}")).toEqual(
    {
      ...{ name: null, title: null, description: null, dtype: null, coerce: false, strict: false },
      ...{ ordered: false, unique: null, report_duplicates: "all", unique_column_names: false },
      ...{ add_missing_columns: false, drop_invalid_rows: false, index: null, checks: [] },
      column_order: ["age"],
      columns: {
        age: {
          ...{ dtype: "int64", nullable: false, unique: false, coerce: false, required: true },
          ...{ regex: false, title: null, description: null },
          checks: [
            {
              name: "in_range",
              statistics: { min_value: 0, max_value: 120, include_min: true, include_max: true },
              options: {},
            },
          ],
        },
      },
    },
  );
});

test("flat, listed, old map, alias, JSON and list of columns are one contract", () => {
  const flat = shown("columns: {a: {gt: {value: 1, ignore_na: false}}}");
  const shapes = [
    "columns: {a: {greater_than: {min_value: 1, ignore_na: false}}}",
    "columns: {a: {checks: [{min_value: 1, options: {check_name: gt, ignore_na: false}}]}}",
    "columns: {a: {checks: {greater_than: {value: 1, options: {ignore_na: false}}}}}",
    "columns: [{name: a, gt: {value: 1, ignore_na: false}}]",
  ];
  for (const shape of shapes) expect(shown(shape)).toEqual(flat);
  const json = '{"columns": {"a": {"gt": {"value": 1, "ignore_na": false}}}}';
  expect(shown(json, "c.json")).toEqual(flat);
});

test("checks keep the order of the file, which numbers them", () => {
  const { columns } = shown("columns: {a: {str_length: 3, isin: [abc], gt: a}}") as {
    columns: { a: { checks: { name: string }[] } };
  };
  expect(columns.a.checks.map(({ name }) => name)).toEqual(["str_length", "isin", "greater_than"]);
});

test("PyYAML's idea of a value: yes is true, y and 1e5 are text, dates are text", () => {
  const { columns } = shown("columns: {a: {isin: [yes, y, 1e5, 1.5, 2026-01-31]}}") as {
    columns: { a: { checks: { statistics: unknown }[] } };
  };
  const values = [true, "y", "1e5", 1.5, "2026-01-31 00:00:00"];
  expect(columns.a.checks[0]!.statistics).toEqual({ allowed_values: values });
});

test("an unquoted datetime keeps six digits of its fraction, as PyYAML does", () => {
  const { columns } = shown(
    "columns: {a: {isin: [2020-01-01 10:00:00.5, 2020-01-01T10:00:00.000001999, 2020-01-01 10:00:00.25 +02:00, 2020-01-01 10:00:00.0]}}",
  ) as { columns: { a: { checks: { statistics: unknown }[] } } };
  expect(columns.a.checks[0]!.statistics).toEqual({
    allowed_values: [
      "2020-01-01 10:00:00.500000",
      "2020-01-01 10:00:00.000001",
      "2020-01-01 08:00:00.250000",
      "2020-01-01 10:00:00",
    ],
  });
});

describe("what cannot be is refused with its place", () => {
  test.each([
    [
      "misspelt column key",
      "columns:\n  a: {nulable: true}",
      "columns.a.nulable",
      'did you mean "nullable"?',
    ],
    [
      "misspelt check",
      "columns:\n  a: {greater_then: 1}",
      "columns.a.greater_then",
      'did you mean "greater_than"?',
    ],
    ["misspelt top key", "colums: {}", "colums", 'did you mean "columns"?'],
    [
      "unknown check in a list",
      "columns:\n  a: {checks: [{options: {check_name: isinn}}]}",
      "columns.a.checks.0",
      'did you mean "isin"?',
    ],
    [
      "unknown argument",
      "columns:\n  a: {gt: {min_valu: 1}}",
      "columns.a.gt.min_valu",
      'did you mean "min_value"?',
    ],
    [
      "empty interval",
      "columns:\n  a: {in_range: {min_value: 5, max_value: 1}}",
      "columns.a.in_range",
      "empty interval from 5 to 1",
    ],
    [
      "open point",
      "columns:\n  a: {in_range: {min_value: 1, max_value: 1, include_min: false}}",
      "columns.a.in_range",
      "empty interval",
    ],
    [
      "empty length",
      "columns:\n  a: {str_length: {min_value: 3, max_value: 2}}",
      "columns.a.str_length",
      "empty interval",
    ],
    [
      "two kinds of length",
      "columns:\n  a: {str_length: {exact_value: 3, max_value: 2}}",
      "columns.a.str_length",
      "exact_value or bounds",
    ],
    [
      "bad pattern",
      "columns:\n  a: {str_matches: '('}",
      "columns.a.str_matches.pattern",
      "missing )",
    ],
    [
      "bad range in a pattern",
      "columns:\n  a: {str_contains: '[z-a]'}",
      "columns.a.str_contains.pattern",
      "bad character range",
    ],
    [
      "bad pattern of names",
      "columns:\n  '[': {regex: true}",
      "columns.[",
      "unterminated character set",
    ],
    ["unknown dtype", "columns:\n  a: {dtype: int46}", "columns.a.dtype", "expected a dtype"],
    [
      "checks in two places",
      "columns:\n  a: {gt: 1, checks: {lt: 2}}",
      "columns.a.gt",
      "expected checks in one place",
    ],
    [
      "a share that is none",
      "columns:\n  a: {gt: {value: 1, mostly: 1.5}}",
      "columns.a.gt.mostly",
      "c.yaml: columns.a.gt.mostly: expected a share above 0, at most 1, got 1.5",
    ],
    ["text for a flag", "columns:\n  a: {nullable: maybe}", "columns.a.nullable", "boolean"],
  ])("%s", (_, text, path, message) => {
    const error = refusal(text);
    expect(error).toMatchObject({ code: "CONTRACT_INVALID", file: "c.yaml", path });
    expect(error["message"]).toContain(message);
    expect(error["line"]).toBe(text.includes("\n") ? 2 : 1);
  });

  test.each([
    ["a list", "[1]"],
    ["text", "hello"],
    ["nothing", ""],
  ])("%s is no contract", (_, text) => {
    expect(refusal(text)["message"]).toContain("expected a contract (a mapping with columns)");
  });

  test("broken YAML and a key that stands twice name line and column", () => {
    expect(refusal("columns:\n  a: {")).toMatchObject({ code: "CONTRACT_INVALID" });
    expect(refusal("columns: {a: {gt: 1, gt: 2}}")).toMatchObject({ line: 1 });
  });
});

test("showing what was written gives the same contract, minimal and full", () => {
  const text = `
strict: filter
unique: [a, b]
index: [{dtype: int64, ge: 0}]
checks: [{min_value: 0, options: {check_name: greater_than}}]
columns:
  a: {dtype: str, sensitivity: phi, str_length: {max_value: 8, mostly: 0.9}, isin: ["yes", "1", "2026-01-01"]}
  b: {dtype: float64, default: 1.0, coerce: true, gt: 1.0e-7, lt: {value: 1.0e+20, severity: warning}}
  x_\\d: {regex: true, required: false, report_duplicates: exclude_last, drop_invalid_rows: true}
`;
  const contract = parseContractText(text, "c.yaml");
  for (const full of [false, true]) {
    const back = parseContractText(toContractYaml(contract, { full }), "back.yaml");
    expect(back).toEqual(contract);
  }
});

test("element_wise is kept, and means what the check means", () => {
  const text = "columns: {a: {dtype: int64, gt: {min_value: 0, element_wise: true}}}";
  const { columns } = shown(text) as { columns: { a: { checks: unknown } } };
  expect(columns.a.checks).toEqual([
    { name: "greater_than", statistics: { min_value: 0 }, options: { element_wise: true } },
  ]);
  const written = toContractYaml(parseContractText(text, "c.yaml"));
  expect(shown(written)).toEqual(shown(text));
  expect(
    refusal("columns: {a: {unique_values_eq: {values: [1], element_wise: true}}}"),
  ).toMatchObject({ code: "CONTRACT_INVALID", path: "columns.a.unique_values_eq.element_wise" });
});

test("Pandera's words that its reader drops are read and dropped, where they are its words", () => {
  const plain = "columns: {a: {dtype: int64, required: false}}";
  const more =
    "on_missing_columns: warn\ncolumns: {a: {dtype: int64, required: false, on_missing: warn, metadata: {unit: kg}}}";
  expect(shown(more)).toEqual(shown(plain));
  expect(refusal("columns: {a: {on_missing: error}}")).toMatchObject({
    ...{ code: "CONTRACT_INVALID", path: "columns.a.on_missing" },
  });
  expect(refusal("on_missing_columns: drop\ncolumns: {}")).toMatchObject({
    ...{ code: "CONTRACT_INVALID", path: "on_missing_columns" },
  });
});

test("a look-behind of many widths is refused as Python refuses it", () => {
  expect(refusal("columns: {a: {str_matches: '(?<=a+)b'}}")).toMatchObject({
    code: "CONTRACT_INVALID",
    message: expect.stringContaining("look-behind requires fixed-width pattern"),
    path: "columns.a.str_matches.pattern",
  });
});
