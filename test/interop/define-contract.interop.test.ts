import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engine, openEngine } from "../../src/table/engine.ts";
import { openSource } from "../../src/table/source.ts";
import { defineContract } from "../../src/validation/define-contract.ts";
import { validateRelation } from "../../src/validation/validate-relation.ts";
import { comparable, isReport, type PanderaOutcome } from "./pandera/compare-outcomes.ts";
import { pythonEnvironment } from "./python-environment.ts";

/** Real Pandera 0.35.0 reads the YAML of contracts in code and finds what they find. */
let engine: Engine;
let folder: string;
beforeAll(async () => {
  engine = await openEngine({ threads: 1 });
  folder = mkdtempSync(join(tmpdir(), "duetmind-define-contract-"));
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const visits = defineContract({
  columns: {
    id: { dtype: "str", unique: true, str_matches: "P[0-9]{4}$" },
    age: { dtype: "int64", in_range: { min_value: 0, max_value: 120 } },
    city: { dtype: "str", nullable: true, isin: ["Bern", "Basel"] },
    seen: { dtype: "datetime64[ns]", coerce: true, ge: "2020-01-01 00:00:00" },
    score: {
      dtype: "float64",
      nullable: true,
      checks: [
        { min_value: 0, options: { check_name: "ge" } },
        { min_value: 0.5, options: { check_name: "ge", error: "too low", ignore_na: false } },
      ],
    },
    "lab_.*": { dtype: "float64", regex: true, required: false },
  },
  strict: true,
  ordered: true,
  unique: ["id", "seen"],
});

const HEADER = "id,age,city,seen,score,lab_crp";
const tables: Readonly<Record<string, readonly string[]>> = {
  good: ["P0001,41,Bern,2026-01-31,0.75,1.5", "P0002,0,,2026-02-01,1.0,2.5"],
  bad: [
    "P0001,-4,Bern,2019-12-31,0.25,1.5",
    "P0001,130,Thun,2019-12-31,-1.5,2.5",
    "Q1,7,,2026-01-01,,0.5",
  ],
};

test.each(Object.keys(tables))("the %s table", async (name) => {
  const csv = `${[HEADER, ...tables[name]!].join("\n")}\n`;
  const python = await pythonEnvironment("pandera");
  const script = join(import.meta.dirname, "pandera/validate.py");
  const input = JSON.stringify([{ contract: visits.toYaml(), csv, types: {} }]);
  const [pandera] = JSON.parse(python.run([script], { input })) as [PanderaOutcome];
  if (!isReport(pandera)) throw new Error(`expected a report, got ${JSON.stringify(pandera)}`);
  expect(pandera.valid).toBe(name === "good");

  const path = join(folder, `${name}.csv`);
  writeFileSync(path, csv);
  const { report } = await validateRelation(engine, visits, await openSource(engine, { path }));
  const { theirs, ours } = comparable(pandera, report);
  expect(ours).toEqual(theirs);
});
