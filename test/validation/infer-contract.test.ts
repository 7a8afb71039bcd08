import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engine, openEngine } from "../../src/table/engine.ts";
import { openSource } from "../../src/table/source.ts";
import { toContractJson } from "../../src/validation/contract-json.ts";
import { contractFromYaml } from "../../src/validation/define-contract.ts";
import { inferContract } from "../../src/validation/infer-contract.ts";
import { validateRelation } from "../../src/validation/validate-relation.ts";
import { toContractYaml } from "../../src/validation/write-contract.ts";

let engine: Engine;
let folder: string;
beforeAll(async () => {
  engine = await openEngine({ threads: 1 });
  folder = mkdtempSync(join(tmpdir(), "duetmind-infer-"));
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(csv: string, from: Engine = engine) {
  const path = join(folder, "data.csv");
  writeFileSync(path, csv);
  return openSource(from, { path });
}

async function infer(csv: string, from: Engine = engine) {
  const { contract, sensitive } = await inferContract(from, await open(csv, from));
  const fields = Object.fromEntries(contract.columns.map((each) => [each.name, each]));
  const checks = Object.fromEntries(
    contract.columns.map(({ name, checks }) => [
      name,
      Object.fromEntries(checks.map((check) => [check.name, check.statistics])),
    ]),
  );
  return { contract, sensitive, fields, checks };
}

const table = (header: string, count: number, row: (i: number) => string) =>
  `${header}\n${Array.from({ length: count }, (_, i) => row(i)).join("\n")}\n`;

test("ranges have a tenth of room and end at numbers that a person would write", async () => {
  const { checks } = await infer(
    table("id,age,pay,share,below,same", 73, (i) => {
      const pay = i === 72 ? 1234567 : i * 1000;
      return `${i},${18 + i},${pay},${i / 730},${-5 - i},2.5`;
    }),
  );
  expect(checks["age"]!["in_range"]).toMatchObject({ min_value: 10n, max_value: 98n });
  expect(checks["pay"]!["in_range"]).toMatchObject({ min_value: 0n, max_value: 1360000n });
  expect(checks["share"]!["in_range"]).toMatchObject({ min_value: 0, max_value: 0.1085 });
  expect(checks["below"]!["in_range"]).toMatchObject({ min_value: -85n, max_value: 3n });
  expect(checks["same"]!["in_range"]).toMatchObject({ min_value: 2.25, max_value: 2.75 });
});

test("a wide table is looked at in groups, within the memory of a command", async () => {
  const names = Array.from({ length: 2500 }, (_, i) => `c${i}`);
  const wide = await openEngine({ threads: 2, memoryLimitMb: 512 });
  try {
    const { contract, checks } = await infer(
      table(names.join(","), 40, (i) => names.map((_, at) => (at % 7 === 0 ? i : i % 2)).join(",")),
      wide,
    );
    expect(contract.columns.map(({ name }) => name)).toEqual(names);
    expect(contract.columns.filter(({ unique }) => unique).map(({ name }) => name)).toEqual(["c0"]);
    expect(checks["c1"]).toEqual({ isin: { allowed_values: [0n, 1n] } });
    expect(checks["c2498"]).toEqual(checks["c1"]);
    expect(checks["c2499"]!["in_range"]).toMatchObject({ min_value: 0n, max_value: 43n });
  } finally {
    wide.close();
  }
});

test("sets, codes, lengths, dates and prose are told apart", async () => {
  const { checks, fields } = await infer(
    table("city,stage,code,visit,hash,seen,day,note", 100, (i) => {
      const two = String(i).padStart(2, "0");
      const day = `2026-01-${String((i % 31) + 1).padStart(2, "0")}`;
      const hash = i.toString(36).padStart(6, "é");
      return `${["Bern", "Basel"][i % 2]},${i % 3},P00${two},${"abcdefg"[i % 7]}-${two}.X,${hash},${day} 10:00:00,${day},${"n".repeat(i + 1)}`;
    }),
  );
  expect(checks["city"]).toEqual({ isin: { allowed_values: ["Basel", "Bern"] } });
  expect(checks["stage"]).toEqual({ isin: { allowed_values: [0n, 1n, 2n] } });
  expect(checks["code"]).toEqual({ str_matches: { pattern: "P[0-9]{4}$" } });
  expect(checks["visit"]).toEqual({ str_matches: { pattern: "[a-z]-[0-9]{2}\\.[A-Z]$" } });
  expect(checks["hash"]).toEqual({ str_length: { exact_value: 6n } });
  expect(checks["note"]).toEqual({});
  for (const name of ["seen", "day"]) {
    expect(fields[name]).toMatchObject({ dtype: "datetime64[ns]", coerce: true, checks: [] });
  }
});

test("a key is what its name says, else the first column that identifies every row", async () => {
  const keys = async (header: string) =>
    (await infer(table(header, 30, (i) => `${i * 2},${1000 + i},${i / 3}`))).contract.columns
      .filter(({ unique }) => unique)
      .map(({ name }) => name);
  expect(await keys("age,visit_id,x")).toEqual(["visit_id"]);
  expect(await keys("a,b,x")).toEqual(["a"]);
  expect(await keys("a,id,key")).toEqual(["id"]);
});

test("identifiers and health data are suggested in comments, by name or by value", async () => {
  const { contract, sensitive } = await infer(
    table(
      "patient_id,birthDate,contact,reach,city,width",
      40,
      (i) =>
        `${i},1970-01-${String((i % 28) + 1).padStart(2, "0")},a${i}@b.org,+41 31 000 00 ${10 + i},Bern,${i * 3}`,
    ),
  );
  expect(Object.fromEntries(sensitive)).toEqual({
    ...{ patient_id: "identifier", birthDate: "phi", contact: "identifier", reach: "identifier" },
  });
  const text = toContractYaml(contract, { comments: new Map([["contact", "mark it"]]) });
  expect(text).toContain("  contact:\n    # mark it\n    dtype: str\n");
  expect(toContractJson(contractFromYaml(text))).toEqual(toContractJson(contract));
});

test("a wide table is read twice at most", async () => {
  let queries = 0;
  const counting: Engine = {
    ...engine,
    rows: (query) => {
      queries += 1;
      return engine.rows(query);
    },
  };
  const header = Array.from({ length: 50 }, (_, i) => `c${i}`).join(",");
  const relation = await open(
    table(header, 100, (i) =>
      Array(50)
        .fill(i % 3)
        .join(","),
    ),
  );
  await inferContract(counting, relation);
  expect(queries).toBe(2);
});

const cell = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }).map(String) },
  fc.integer().map(String),
  fc.maxSafeInteger().map(String),
  fc.double({ noNaN: true }).map(String),
  fc.constantFrom(
    "",
    "true",
    "False",
    "P0001",
    "P0002",
    "AB-12",
    "ab-34",
    "x@y.org",
    "+41 31 555 55 55",
  ),
  fc.constantFrom("2026-01-31", "2026-02-30", "2026-01-31 10:00:00", "1500-01-01", "9999-12-31"),
  fc.string({ unit: fc.constantFrom(..."aZ09é'\\.$^(- "), maxLength: 4 }),
);
/** A column draws from few values, so that sets and keys and shapes occur, or from all. */
const column = fc
  .oneof(
    fc.array(cell, { minLength: 1, maxLength: 3 }),
    fc.array(cell, { minLength: 1, maxLength: 40 }),
  )
  .chain((values) => fc.tuple(fc.constantFrom(1, 3, 30, 60), fc.constant(values)));
const randomTable = fc
  .tuple(fc.constantFrom(1, 2, 12, 60), fc.array(column, { minLength: 1, maxLength: 5 }))
  .map(([rows, columns]) => {
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const lines = Array.from({ length: rows }, (_, i) =>
      columns.map(([every, values]) => quote(values[(i * every) % values.length]!)).join(","),
    );
    return { header: columns.map((_, i) => `c${i}`).join(","), lines };
  })
  .filter(({ lines }) => lines.some((line) => /[^",]/.test(line)));

test("an inferred contract holds for its data, in whatever order the rows are, and after it was written", async () => {
  await fc.assert(
    fc.asyncProperty(randomTable, async ({ header, lines }) => {
      const csv = `${header}\n${lines.join("\n")}\n`;
      const relation = await open(csv);
      const { contract } = await inferContract(engine, relation);
      const { report } = await validateRelation(engine, contract, relation);
      expect(report.failures, csv).toEqual([]);
      const written = contractFromYaml(toContractYaml(contract));
      expect(toContractJson(written)).toEqual(toContractJson(contract));
      const again = await validateRelation(engine, written, relation);
      expect(again.report.failures, csv).toEqual([]);
      const backwards = await infer(`${header}\n${[...lines].reverse().join("\n")}\n`);
      expect(toContractJson(backwards.contract)).toEqual(toContractJson(contract));
    }),
    { numRuns: 100 },
  );
});
