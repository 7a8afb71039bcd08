import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engine, openEngine } from "../../src/table/engine.ts";
import { openSource } from "../../src/table/source.ts";
import { parseContractText } from "../../src/validation/contract-text.ts";
import { validateRelation } from "../../src/validation/validate-relation.ts";
import { comparable, isReport, type PanderaOutcome } from "./pandera/compare-outcomes.ts";
import { type PythonEnvironment, pythonEnvironment } from "./python-environment.ts";

/** Real Pandera 0.35.0 reads the same durations among the arguments of checks, and finds the same. */
let engine: Engine;
let folder: string;
let python: PythonEnvironment;
beforeAll(async () => {
  engine = await openEngine({ threads: 1 });
  folder = mkdtempSync(join(tmpdir(), "duetmind-durations-"));
  python = await pythonEnvironment("pandera");
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const CSV =
  "t\n0 days 00:00:01\n0 days 00:00:02\n3 days 00:00:00\n-1 days +23:59:59\n0 days 00:00:00.000001\n";

const CHECKS = [
  "ge: 2000000000",
  "gt: 2000000000",
  "lt: 1500",
  "le: -1000000000",
  "eq: 1000000000",
  "ne: 1000000000",
  "eq: true",
  "ge: '0 days 00:00:02'",
  "ge: '2s'",
  "eq: '3 days'",
  "ge: abc",
  "eq: abc",
  "in_range: {min_value: 1000000000, max_value: 2000000000}",
  "in_range: {min_value: 1000000000, max_value: 2000000000, include_min: false}",
  "isin: [1000000000, 2000000000]",
  "isin: [86400000000000, 259200000000000]",
  "isin: [1000000000, 2000000000, 3000000000, 4000000000, 5000000000]",
  "isin: ['0 days 00:00:01']",
  "isin: [1000000000, abc]",
  "isin: []",
  "notin: [1000000000, -1000000000]",
  "unique_values_eq: [1000000000, 2000000000, 259200000000000, -1000000000, 1000]",
  "unique_values_eq: [1000000000]",
];

test("checks of durations fail for the same values, by the same names", async () => {
  const contracts = CHECKS.map(
    (check) => `columns:\n  t:\n    dtype: timedelta64[ns]\n    coerce: true\n    ${check}\n`,
  );
  const input = JSON.stringify(contracts.map((contract) => ({ contract, csv: CSV, types: {} })));
  const script = join(import.meta.dirname, "pandera/validate.py");
  const outcomes = JSON.parse(python.run([script], { input })) as PanderaOutcome[];
  const path = join(folder, "t.csv");
  writeFileSync(path, CSV);
  const relation = await openSource(engine, { path });
  for (const [i, contract] of contracts.entries()) {
    const outcome = outcomes[i]!;
    if (!isReport(outcome)) throw new Error(`${CHECKS[i]}: ${JSON.stringify(outcome)}`);
    const parsed = parseContractText(contract, "c.yaml");
    const { report } = await validateRelation(engine, parsed, relation);
    const { theirs, ours } = comparable(outcome, report);
    expect({ check: CHECKS[i], ...ours }).toEqual({ check: CHECKS[i], ...theirs });
  }
});
