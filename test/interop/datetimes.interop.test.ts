import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, openEngine } from "../../src/table/engine.ts";
import { openSource } from "../../src/table/source.ts";
import { parseContractText } from "../../src/validation/contract-text.ts";
import { validateRelation } from "../../src/validation/validate-relation.ts";
import { toContractYaml } from "../../src/validation/write-contract.ts";
import { comparable, isReport, type PanderaOutcome } from "./pandera/compare-outcomes.ts";
import { type PythonEnvironment, pythonEnvironment } from "./python-environment.ts";

/**
 * Real Pandera 0.35.0 compares datetimes as they are written, be they finer than the column or outside
 * of what it can hold; we find the same in the Parquet file that pandas wrote.
 */
let engine: Engine;
let folder: string;
let python: PythonEnvironment;
beforeAll(async () => {
  engine = await openEngine({ threads: 1 });
  folder = mkdtempSync(join(tmpdir(), "duetmind-datetimes-"));
  python = await pythonEnvironment("pandera");
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const FRACTIONS = ["000000000", "000000001", "000000002", "000001000", "000001001", "000002000"];
const CSV = `t\n${FRACTIONS.map((each) => `2020-01-01T00:00:00.${each}\n`).join("")}`;

const BOUNDS = [
  "2020-01-01T00:00:00.000000001",
  "2020-01-01 00:00:00.0000005",
  "2020-01-01 00:00:00.000001001",
  "2020-01-01 00:00:00.000001",
  "2020-01-01",
];
const CHECKS = [
  ...["ge", "gt", "le", "lt", "eq", "ne"].flatMap((check) =>
    BOUNDS.map((bound) => `${check}: '${bound}'`),
  ),
  ...["ge", "gt", "le", "lt"].flatMap((check) => [
    `${check}: '2999-12-31'`,
    `${check}: '1066-10-14 00:00:00'`,
  ]),
  "gt: 2020-01-01 00:00:00.000001",
  "isin: [2020-01-01 00:00:00.000001, 2020-01-01]",
  "notin: [2020-01-01 00:00:00.000001, 2020-01-01 00:00:00]",
  "isin: ['2020-01-01 00:00:00', 2020-01-01 00:00:00.000002]",
  "isin: ['2020-01-01 00:00:00.0000010']",
  "lt: 2020-01-01T00:00:00.000001999",
  "in_range: {min_value: '2020-01-01T00:00:00.000000001', max_value: '2020-01-01T00:00:00.000001'}",
  "in_range: {min_value: '2020-01-01T00:00:00.000000001', max_value: '2999-12-31T00:00:00', include_min: false}",
];

type Case = Readonly<{ contract: string; types: Record<string, string>; parquet: string }>;

function casesOf(unit: string): Case[] {
  return CHECKS.map((check, i) => ({
    contract: `columns:\n  t:\n    dtype: datetime64[ns]\n    ${check}\n`,
    types: { t: `datetime64[${unit}]` },
    parquet: join(folder, `${unit}-${i}.parquet`),
  }));
}

function outcomesOf(cases: readonly Case[]): PanderaOutcome[] {
  const input = JSON.stringify(cases.map((each) => ({ ...each, csv: CSV })));
  const script = join(import.meta.dirname, "pandera/validate.py");
  return JSON.parse(python.run([script], { input })) as PanderaOutcome[];
}

describe("the same failures", () => {
  test.each(["ns", "us", "ms"])("in a column of %s", async (unit) => {
    const cases = casesOf(unit);
    const outcomes = outcomesOf(cases);
    for (const [i, { contract, parquet }] of cases.entries()) {
      const outcome = outcomes[i]!;
      if (!isReport(outcome)) throw new Error(`${CHECKS[i]}: ${JSON.stringify(outcome)}`);
      const relation = await openSource(engine, { path: parquet });
      const written = toContractYaml(parseContractText(contract, "c.yaml"));
      for (const text of [contract, written]) {
        const parsed = parseContractText(text, "c.yaml");
        const { report } = await validateRelation(engine, parsed, relation);
        const { theirs, ours } = comparable(outcome, report);
        expect({ check: CHECKS[i], ...ours }).toEqual({ check: CHECKS[i], ...theirs });
      }
    }
  });
});
