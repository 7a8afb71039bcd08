import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRandom } from "../../src/core/random.ts";
import { type Engine, openEngine } from "../../src/table/engine.ts";
import { openSource } from "../../src/table/source.ts";
import { toContractJson } from "../../src/validation/contract-json.ts";
import { parseContractText } from "../../src/validation/contract-text.ts";
import { validateRelation } from "../../src/validation/validate-relation.ts";
import { toContractYaml } from "../../src/validation/write-contract.ts";
import { comparable, isReport, type PanderaOutcome } from "./pandera/compare-outcomes.ts";
import { type RandomCase, randomCase } from "./pandera/random-case.ts";
import { type PythonEnvironment, pythonEnvironment } from "./python-environment.ts";

/**
 * Real Pandera 0.35.0 on new random contracts each time the seed changes: the same failures from CSV
 * and from the Parquet file that pandas wrote, and every contract means the same after it was written
 * back, by us and by Pandera.
 */
const COUNT = 200;
const random = createRandom(process.env["FC_SEED"] ?? "pandera-interop");
const cases = Array.from({ length: COUNT }, (_, i) => randomCase(random.split(i), `${i}`));

let python: PythonEnvironment;
let engine: Engine;
let folder: string;
let outcomes: readonly PanderaOutcome[];
beforeAll(async () => {
  python = await pythonEnvironment("pandera");
  engine = await openEngine({ threads: 2 });
  folder = mkdtempSync(join(tmpdir(), "duetmind-pandera-random-"));
  outcomes = run(cases.map((each) => ({ ...each, parquet: parquetOf(each) })));
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const parquetOf = ({ name }: RandomCase) => join(folder, `${name}.parquet`);

type Input = RandomCase & Readonly<{ parquet?: string }>;

function run(inputs: readonly Input[]): PanderaOutcome[] {
  const input = JSON.stringify(inputs.map(({ name: _, ...each }) => each));
  return JSON.parse(
    python.run([join(import.meta.dirname, "pandera/validate.py")], { input }),
  ) as PanderaOutcome[];
}

function describeAll(texts: Readonly<Record<string, string>>): Record<string, Described> {
  const script = join(import.meta.dirname, "pandera/describe.py");
  return JSON.parse(python.run([script], { input: JSON.stringify(texts) })) as Record<
    string,
    Described
  >;
}

type Described = Readonly<Record<string, unknown> & { yaml: string | null }>;

describe("the same failures", () => {
  test.each(["csv", "parquet"])("from %s", async (format) => {
    for (const [i, each] of cases.entries()) {
      const pandera = outcomes[i]!;
      if (!isReport(pandera)) continue;
      const path = format === "csv" ? join(folder, "data.csv") : parquetOf(each);
      if (format === "csv") writeFileSync(path, each.csv);
      const relation = await openSource(engine, {
        path,
        types: format === "csv" ? each.types : {},
      });
      const contract = parseContractText(each.contract, "case.yaml");
      const { report } = await validateRelation(engine, contract, relation);
      const { theirs, ours } = comparable(pandera, report);
      expect(ours, `${each.contract}\n${each.csv}`).toEqual(theirs);
    }
  });
});

describe("the same contract", () => {
  const named = Object.fromEntries(cases.map(({ name, contract }) => [name, contract]));
  let readable: Record<string, string>;
  let original: Record<string, Described>;
  beforeAll(() => {
    readable = Object.fromEntries(
      Object.entries(named).filter((_, i) => !("unreadable" in outcomes[i]!)),
    );
    original = describeAll(readable);
  });

  test.each([false, true])("after we wrote it (full: %s)", (full) => {
    const written = describeAll(
      Object.fromEntries(
        Object.entries(readable).map(([name, text]) => [
          name,
          toContractYaml(parseContractText(text, "case.yaml"), { full }),
        ]),
      ),
    );
    for (const name of Object.keys(readable)) {
      const { yaml: _a, ...before } = original[name]!;
      const { yaml: _b, ...after } = written[name]!;
      expect(after, readable[name]!).toEqual(before);
    }
  });

  test("after Pandera wrote it", () => {
    for (const [name, text] of Object.entries(readable)) {
      const { yaml } = original[name]!;
      if (yaml === null) continue;
      const ours = toContractJson(parseContractText(text, "ours.yaml"));
      const back = toContractJson(parseContractText(yaml, "theirs.yaml"));
      expect(asPandera(back), text).toEqual(asPandera(ours));
    }
  });

  test("after we wrote and read it again", () => {
    for (const text of Object.values(named)) {
      let contract: ReturnType<typeof parseContractText>;
      try {
        contract = parseContractText(text, "case.yaml");
      } catch {
        continue;
      }
      for (const full of [false, true]) {
        const again = parseContractText(toContractYaml(contract, { full }), "again.yaml");
        expect(toContractJson(again)).toEqual(toContractJson(contract));
      }
    }
  });
});

/** Pandera calls every text type string[pyarrow]; it sorts a set and then writes the check's id as its error. */
function asPandera(json: unknown): unknown {
  return JSON.parse(JSON.stringify(json), (key, value) => {
    if (key === "dtype" && (value === "str" || value === "string")) return "string[pyarrow]";
    if (key === "error" && String(value).startsWith("unique_values_eq(")) return undefined;
    if (key !== "values" || !Array.isArray(value)) return value;
    // in a set of Python's, 1 and true are one value
    return [
      ...new Set(value.map((each) => (typeof each === "string" ? each : Number(each)))),
    ].sort();
  });
}
