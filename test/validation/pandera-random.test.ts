import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, openEngine } from "../../src/table/engine.ts";
import { openSource } from "../../src/table/source.ts";
import { parseContractText } from "../../src/validation/contract-text.ts";
import { orderedQuery } from "../../src/validation/output-sql.ts";
import { validateRelation } from "../../src/validation/validate-relation.ts";
import {
  comparable,
  isReport,
  type PanderaOutcome,
  plainCell,
} from "../interop/pandera/compare-outcomes.ts";
import type { RandomCase } from "../interop/pandera/random-case.ts";

/** Random contracts on random tables, with what Pandera 0.35.0 said (interop/pandera/record-random.ts). */
const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, "../interop/pandera-0.35.0/random.json"), "utf8"),
) as readonly (RandomCase & Readonly<{ pandera: PanderaOutcome }>)[];

let engine: Engine;
let folder: string;
beforeAll(async () => {
  engine = await openEngine({ threads: 1 });
  folder = mkdtempSync(join(tmpdir(), "duetmind-random-"));
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

async function validate({ contract, csv, types }: RandomCase) {
  const path = join(folder, "data.csv");
  writeFileSync(path, csv);
  const relation = await openSource(engine, { path, types });
  return validateRelation(engine, parseContractText(contract, "case.yaml"), relation);
}

const reports = recorded.flatMap(({ pandera, ...each }) =>
  isReport(pandera) ? [{ ...each, pandera }] : [],
);

describe("random contracts fail as in Pandera 0.35.0", () => {
  test.each(reports.map((each) => [each.name, each] as const))("case %s", async (_, each) => {
    const { report, output } = await validate(each);
    const { theirs, ours } = comparable(each.pandera, report);
    expect(ours).toEqual(theirs);
    if (each.pandera.output === undefined || output.columns.length === 0) return;
    const names = output.columns.map((column) => column.name);
    const rows = await engine.rows(orderedQuery(output));
    expect(names).toEqual(each.pandera.output.columns);
    const cells = rows.map((row) => names.map((name) => plainCell(row[name] ?? null)));
    expect(cells).toEqual(each.pandera.output.rows);
  });
});

test("contracts that Pandera refuses are refused", () => {
  const refused = recorded.filter(({ pandera }) => "unreadable" in pandera);
  expect(refused.length).toBeGreaterThan(0);
  for (const { contract } of refused) {
    expect(() => parseContractText(contract, "case.yaml")).toThrow(/case\.yaml/);
  }
});

test("there are enough cases to mean something", () => {
  expect(reports.length).toBeGreaterThan(180);
  expect(reports.filter(({ pandera }) => pandera.valid).length).toBeGreaterThan(10);
});
