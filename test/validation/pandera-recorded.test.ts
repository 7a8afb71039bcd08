import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, openEngine } from "../../src/table/engine.ts";
import { openSource } from "../../src/table/source.ts";
import { parseContractText } from "../../src/validation/contract-text.ts";
import { orderedQuery } from "../../src/validation/output-sql.ts";
import { validateRelation } from "../../src/validation/validate-relation.ts";

type Case = Readonly<{
  schema_context: string;
  column: string | null;
  check: string | null;
  check_number: number | null;
  failure_case: unknown;
  index: number | null;
}>;

type Recorded = Readonly<{
  name: string;
  contract: string;
  csv: string;
  types: Readonly<Record<string, string>>;
  pandera: Readonly<{
    valid: boolean;
    failure_cases: readonly Case[];
    error_counts: Readonly<Record<string, number>>;
    output?: Readonly<{ columns: readonly string[]; rows: readonly (readonly unknown[])[] }>;
  }>;
}>;

const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, "../interop/pandera-0.35.0/cases.json"), "utf8"),
) as { cases: readonly Recorded[] };

/**
 * Where DuetMind's document differs from Pandera's frame, by the name of the case, with the reason.
 * The value is what takes the place of Pandera's cases of the named check.
 */
const DEVIATIONS: Readonly<
  Record<string, Readonly<{ why: string; check: string; ours: readonly Partial<Case>[] }>>
> = {
  "str wanted, int64 found": {
    why: "cli.md: a wrong dtype is one case with the dtype found, unless the column is text",
    check: "dtype('str')",
    ours: [{ failure_case: "int64", index: null }],
  },
  "int64 wanted, nulls make it float64": {
    why: "cli.md: a wrong dtype is one case with the dtype found, unless the column is text",
    check: "dtype('int64')",
    ours: [{ failure_case: "float64", index: null }],
  },
};

let engine: Engine;
let folder: string;
beforeAll(async () => {
  engine = await openEngine({ threads: 2 });
  folder = mkdtempSync(join(tmpdir(), "duetmind-pandera-"));
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run({ contract, csv, types }: Recorded) {
  const path = join(folder, "data.csv");
  writeFileSync(path, csv);
  const relation = await openSource(engine, { path, types });
  const validation = await validateRelation(
    engine,
    parseContractText(contract, "case.yaml"),
    relation,
  );
  return { relation, ...validation };
}

/** Pandera's rows in the words of cli.md: the frame has no column, `str` is called as the contract has it. */
function expected({ name, contract, pandera }: Recorded): Case[] {
  const cases = pandera.failure_cases.map((each) => ({
    ...each,
    column: each.column === "failure_case" ? null : each.column,
    check:
      each.check?.replace(
        "string[pyarrow]",
        contract.includes("dtype: string") ? "string" : "str",
      ) ?? null,
  }));
  const deviation = DEVIATIONS[name];
  if (deviation === undefined) return cases;
  const replaced = cases.filter((each) => each.check === deviation.check);
  const kept = cases.filter((each) => each.check !== deviation.check);
  return [...kept, ...deviation.ours.map((each) => ({ ...replaced[0]!, ...each }))];
}

function sorted(cases: readonly Case[]): string[] {
  return cases
    .map(({ schema_context, column, check, check_number, failure_case, index }) =>
      JSON.stringify([schema_context, column, check, check_number, failure_case, index]),
    )
    .sort();
}

describe("failure cases are Pandera 0.35.0's", () => {
  test.each(recorded.cases.map((each) => [each.name, each] as const))("%s", async (_, each) => {
    const { report } = await run(each);
    expect(sorted(report.failures as readonly Case[])).toEqual(sorted(expected(each)));
    expect(report.valid).toBe(each.pandera.valid);
    expect(report.counts.by_reason).toEqual(each.pandera.error_counts);
    expect(report.counts.listed).toBe(report.failures.length);
    const isCut = each.contract.includes("n_failure_cases"); // counts stay exact, Pandera's are cut too
    if (!isCut) expect(report.counts.failures).toBe(report.failures.length);
  });
});

describe("valid data leaves the contract as in Pandera 0.35.0", () => {
  const valid = recorded.cases.filter((each) => each.pandera.output !== undefined);
  test.each(valid.map((each) => [each.name, each] as const))("%s", async (_, each) => {
    const { output } = await run(each);
    const rows = await engine.rows(orderedQuery(output));
    const { columns, rows: wanted } = each.pandera.output!;
    expect(output.columns.map((column) => column.name)).toEqual(columns);
    const isTime = (value: unknown) => typeof value === "string" && value.endsWith(".000Z");
    const shown = (value: unknown) => (isTime(value) ? String(value).slice(0, 19) : value);
    expect(rows.map((row) => columns.map((name) => shown(row[name])))).toEqual(wanted);
  });
});

test("every deviation is needed", async () => {
  const needless: string[] = [];
  for (const each of recorded.cases.filter(({ name }) => DEVIATIONS[name] !== undefined)) {
    const { report } = await run(each);
    const pandera = sorted(each.pandera.failure_cases);
    if (sorted(report.failures as readonly Case[]).join() === pandera.join())
      needless.push(each.name);
  }
  expect(needless).toEqual([]);
});

test("there are enough cases to mean something", () => {
  expect(recorded.cases.length).toBeGreaterThanOrEqual(100);
});
