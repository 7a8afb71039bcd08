import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { toContractJson } from "../../src/validation/contract-json.ts";
import { parseContractText } from "../../src/validation/contract-text.ts";
import { toContractYaml } from "../../src/validation/write-contract.ts";
import { type PythonEnvironment, pythonEnvironment } from "./python-environment.ts";

/** Real Pandera 0.35.0: it reads what we write and means the same, and we read what it writes. */
const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, "pandera-0.35.0/cases.json"), "utf8"),
) as { cases: readonly { name: string; contract: string }[] };

const OURS = {
  "our own options": `
columns:
  visit: {dtype: str, sensitivity: identifier, str_length: {max_value: 8, mostly: 0.9}}
  age: {dtype: int64, gt: {value: 0, severity: warning}, lt: {value: 130, error: too old, n_failure_cases: 3}}
evolution: {added: ignore, removed: add, retyped: ignore}
table_checks: {row_count: {min: 1, max: 1000}, freshness: {column: visit, max_age: 2d}}
`,
  "words that YAML 1.1 reads otherwise": `
columns:
  "yes": {dtype: str, isin: ["yes", "no", "on", y, n, "null", "~", "1", "1.5", "2026-01-01", "1e5", "", " x"]}
  a: {dtype: float64, in_range: {min_value: 1.0e-7, max_value: 1.0e+20}, isin: [1, 1.0, true, -0.5]}
`,
};

const contracts: Readonly<Record<string, string>> = {
  ...Object.fromEntries(recorded.cases.map(({ name, contract }) => [name, contract])),
  ...OURS,
};

type Described = Readonly<Record<string, Record<string, unknown> & { yaml: string | null }>>;

let python: PythonEnvironment;
let original: Described;
let minimal: Described;
let full: Described;

function describeAll(texts: Readonly<Record<string, string>>): Described {
  const script = join(import.meta.dirname, "pandera/describe.py");
  return JSON.parse(python.run([script], { input: JSON.stringify(texts) })) as Described;
}

function rewrite(options: { full?: boolean }): Record<string, string> {
  const written = Object.entries(contracts).map(([name, text]) => [
    name,
    toContractYaml(parseContractText(text, "case.yaml"), options),
  ]);
  return Object.fromEntries(written);
}

beforeAll(async () => {
  python = await pythonEnvironment("pandera");
  // Pandera takes our own options in the flat form for arguments: it is given the list form to compare with
  const { "our own options": _, ...theirs } = contracts;
  original = describeAll(theirs);
  minimal = describeAll(rewrite({}));
  full = describeAll(rewrite({ full: true }));
});

describe("what contract show --yaml writes means the same to Pandera", () => {
  test.each(Object.keys(contracts).filter((name) => name !== "our own options"))("%s", (name) => {
    const { yaml: _a, ...before } = original[name]!;
    const { yaml: _b, ...after } = minimal[name]!;
    const { yaml: _c, ...afterFull } = full[name]!;
    expect(after).toEqual(before);
    expect(afterFull).toEqual(before);
  });

  test("our own options do not disturb Pandera", () => {
    const columns = minimal["our own options"]!["columns"] as Record<string, { checks: unknown[] }>;
    expect(columns["visit"]!.checks).toHaveLength(1);
    expect(columns["age"]!.checks).toMatchObject([
      { name: "greater_than", statistics: { min_value: 0 } },
      { name: "less_than", statistics: { max_value: 130 }, options: { error: "too old" } },
    ]);
  });
});

describe("we read what Pandera writes, and mean the same", () => {
  // Pandera cannot write a frame dtype at all
  const theirs = Object.keys(contracts).filter(
    (name) => !/^(our own options|frame dtype)/.test(name),
  );
  test.each(theirs)("%s", (name) => {
    const ours = toContractJson(parseContractText(contracts[name]!, "ours.yaml"));
    const back = toContractJson(parseContractText(original[name]!.yaml!, "theirs.yaml"));
    expect(asPandera(back)).toEqual(asPandera(ours));
  });
});

/** Pandera calls every text type string[pyarrow]; it sorts a set and then writes the check's id as its error. */
function asPandera(json: unknown): unknown {
  return JSON.parse(JSON.stringify(json), (key, value) => {
    if (key === "dtype" && (value === "str" || value === "string")) return "string[pyarrow]";
    if (key === "error" && String(value).startsWith("unique_values_eq(")) return undefined;
    return key === "values" && Array.isArray(value) ? [...value].sort() : value;
  });
}
