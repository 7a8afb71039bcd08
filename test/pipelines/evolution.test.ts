import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { contractTargets } from "../../src/pipelines/contract-targets.ts";
import { runData } from "../../src/pipelines/data-stage.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { openRaw } from "../../src/pipelines/raw-relation.ts";
import { openEngine } from "../../src/table/engine.ts";
import { sql } from "../../src/table/sql.ts";
import { readContract } from "../../src/validation/read-contract.ts";
import { validateRelation } from "../../src/validation/validate-relation.ts";
import { dataProject, writeIn } from "./data-project.ts";

const CONTRACT = `columns:
  id: {dtype: int64}
  day: {dtype: str}
  age: {dtype: int64, in_range: {min_value: 0, max_value: 120}}
strict: true
`;
const BY_FILE = "{path: 'data/source/*.csv', incremental: {}}";
const BY_ROW = "{path: data/source/a.csv, incremental: {watermark: day}}";
const FIRST = "id,day,age\n1,2026-01-01,30\n2,2026-01-02,40\n";

/** A file more, or the only one with its next rows. */
function writeNext(project: Project, source: string, name: string, text: string): void {
  writeIn(project.root, `data/source/${source === BY_ROW ? "a" : name}.csv`, text);
}

async function grownBy(
  source: string,
  policy: string | null,
  more: string,
): Promise<Readonly<{ project: Project; run: () => ReturnType<typeof runData> }>> {
  const evolution = policy === null ? "" : `evolution: ${policy}\n`;
  const project = await dataProject(
    `sources: {patients: ${source}}\ncontracts: {raw: {patients: c.yaml}}`,
    { "data/source/a.csv": FIRST, "c.yaml": `${CONTRACT}${evolution}` },
  );
  await runData(project, realEffects);
  writeNext(project, source, "b", more);
  return { project, run: () => runData(project, realEffects) };
}

async function tableOf(project: Project): Promise<unknown[]> {
  const engine = await openEngine();
  try {
    const { relation } = await openRaw(engine, project, "patients", realEffects);
    const rows = await engine.rows(sql`SELECT * FROM ${relation.sql} ORDER BY id`);
    return [
      relation.columns.map(({ name, type }) => `${name} ${type}`),
      ...rows.map(Object.values),
    ];
  } finally {
    engine.close();
  }
}

/** As `duetmind validate` does over the contracts of params.yaml. */
async function isValid(project: Project): Promise<boolean> {
  const engine = await openEngine();
  try {
    const [target] = contractTargets(project);
    const written = await readContract(join(project.root, target!.contract), realEffects);
    const relation = await target!.open(engine, realEffects);
    const contract = await target!.held(written, relation, engine, realEffects);
    return (await validateRelation(engine, contract, relation)).report.valid;
  } finally {
    engine.close();
  }
}

const ADDED = "id,day,age,weight\n3,2026-01-03,50,70.5\n";
const REMOVED = "id,day\n3,2026-01-03\n";
const RETYPED = "id,day,age\n3,2026-01-03,old\n";
const OLD = [
  [1, "2026-01-01", 30],
  [2, "2026-01-02", 40],
];

const TAKEN: readonly (readonly [string, string, string, readonly unknown[]])[] = [
  [
    "a column added, taken in",
    "{added: add, removed: add}",
    ADDED,
    [
      ["id int64", "day str", "age int64", "weight float64"],
      ...OLD.map((row) => [...row, null]),
      [3, "2026-01-03", 50, 70.5],
    ],
  ],
  [
    "a column added, left out",
    "{added: ignore}",
    ADDED,
    [["id int64", "day str", "age int64"], ...OLD, [3, "2026-01-03", 50]],
  ],
  [
    "a column removed, kept as nulls",
    "{removed: add}",
    REMOVED,
    [["id int64", "day str", "age int64"], ...OLD, [3, "2026-01-03", null]],
  ],
  [
    "a column removed, forgotten",
    "{removed: ignore}",
    REMOVED,
    [["id int64", "day str"], ...OLD.map((row) => row.slice(0, 2)), [3, "2026-01-03"]],
  ],
  [
    "a column retyped, taken as it comes",
    "{retyped: ignore}",
    RETYPED,
    [
      ["id int64", "day str", "age str"],
      [1, "2026-01-01", "30"],
      [2, "2026-01-02", "40"],
      [3, "2026-01-03", "old"],
    ],
  ],
];

describe.each([
  ["by file", BY_FILE],
  ["by row", BY_ROW],
])("%s", (_, source) => {
  test.each(TAKEN)("%s", async (_name, policy, more, table) => {
    const { project, run } = await grownBy(source, policy, more);
    const { record } = await run();
    expect(await tableOf(project)).toEqual(table);
    expect(record.datasets[0]).toMatchObject({ row_count: 3, contract: { valid: true } });
    expect(await isValid(project)).toBe(true);
    const again = await run();
    expect(again.ingested).toEqual([]);
    expect(again.record).toEqual(record);
    // later rows like the last ones are no change any more, or the same one again
    writeNext(project, source, "c", more.replaceAll("3", "4"));
    expect((await run()).record.datasets[0]!.row_count).toBe(4);
    // and the columns of the first rows may come back
    writeNext(project, source, "d", "id,day,age\n5,2026-01-05,50\n");
    expect((await run()).record.datasets[0]!.row_count).toBe(5);
    expect((await run()).ingested).toEqual([]);
  });

  test.each([
    ["added", "{added: fail}", ADDED, "COLUMN_NOT_FOUND", 'got "weight" as well'],
    ["removed", "{added: add}", REMOVED, "COLUMN_NOT_FOUND", '"age" of earlier rows, got none'],
    ["retyped", "{added: add}", RETYPED, "COLUMN_TYPE", 'int64, like earlier rows, got "old"'],
  ])(
    "a column that was %s is refused, and nothing is taken",
    async (_name, policy, more, code, message) => {
      const { project, run } = await grownBy(source, policy, more);
      const manifest = join(project.root, "data/raw/patients/manifest.json");
      const before = [readFileSync(manifest, "utf8"), await tableOf(project)];
      for (const _again of [1, 2]) {
        await expect(run()).rejects.toMatchObject({
          code,
          message: expect.stringContaining(message),
        });
        expect([readFileSync(manifest, "utf8"), await tableOf(project)]).toEqual(before);
      }
      writeNext(project, source, "b", "id,day,age\n3,2026-01-03,50\n");
      expect((await run()).record.datasets[0]!.row_count).toBe(3);
    },
  );
});

test("a fraction in a column of whole numbers is refused, not rounded: NDJSON too", async () => {
  const project = await dataProject(
    "sources: {patients: {path: 'data/source/*.ndjson', incremental: {}}}\ncontracts: {raw: {patients: c.yaml}}",
    { "data/source/a.ndjson": '{"id":1,"age":30}\n', "c.yaml": "columns: {id: {dtype: int64}}\n" },
  );
  await runData(project, realEffects);
  writeIn(project.root, "data/source/b.ndjson", '{"id":2,"age":40.5}\n');
  await expect(runData(project, realEffects)).rejects.toMatchObject({
    code: "COLUMN_TYPE",
    message: expect.stringContaining('"age": expected int64, like earlier rows, got "40.5"'),
    details: { hint: expect.stringContaining("say so under evolution in c.yaml") },
  });
  writeIn(project.root, "c.yaml", "columns: {id: {dtype: int64}}\nevolution: {retyped: ignore}\n");
  await runData(project, realEffects);
  expect(await tableOf(project)).toEqual([
    ["id int64", "age float64"],
    [1, 30],
    [2, 40.5],
  ]);
});

test.each([
  ["ndjson", '{"id":1,"age":30}\n', '{"id":2}\n'],
  ["csv", "id,age\n1,30\n", "id\n2\n"],
])(
  "a column that types: declares may be gone where the contract allows it: %s",
  async (format, first, later) => {
    const project = await dataProject(
      `sources: {patients: {path: 'data/source/*.${format}', types: {age: int64}, incremental: {}}}\ncontracts: {raw: {patients: c.yaml}}`,
      {
        [`data/source/a.${format}`]: first,
        "c.yaml": "columns: {id: {dtype: int64}}\nevolution: {removed: ignore}\n",
      },
    );
    await runData(project, realEffects);
    writeIn(project.root, `data/source/b.${format}`, later);
    await runData(project, realEffects);
    expect((await tableOf(project)).length).toBe(3);
  },
);

test("a contract that says nothing of evolution stays strict about columns it does not name", async () => {
  const { run } = await grownBy(BY_FILE, null, ADDED);
  await expect(run()).rejects.toMatchObject({
    code: "CONTRACT_VIOLATED",
    message: expect.stringContaining("weight"),
  });
});

test("what was taken in is still held to the contract by its values", async () => {
  const { run } = await grownBy(BY_FILE, "{added: add}", ADDED.replace("50", "999"));
  await expect(run()).rejects.toMatchObject({
    code: "CONTRACT_VIOLATED",
    message: expect.stringContaining("in_range(0, 120) failed 1 time (999"),
  });
});

test("rows of the look-back window that come again with a new column are not taken twice", async () => {
  const source = BY_ROW.replace("day}", "day, lookback: 9d}").replace(
    "incremental",
    "types: {day: 'datetime64[ns]'}, incremental",
  );
  const project = await dataProject(
    `sources: {patients: ${source}}\ncontracts: {raw: {patients: c.yaml}}`,
    { "data/source/a.csv": FIRST, "c.yaml": "columns: {id: {dtype: int64}}\n" },
  );
  await runData(project, realEffects);
  const wider = "id,day,age,weight\n1,2026-01-01,30,60\n2,2026-01-02,40,66\n3,2026-01-03,50,70\n";
  writeIn(project.root, "data/source/a.csv", wider);
  await runData(project, realEffects);
  writeIn(project.root, "data/source/a.csv", `${wider}4,2026-01-04,50,70\n`);
  await runData(project, realEffects);
  expect((await tableOf(project)).slice(1).map((row) => (row as unknown[])[0])).toEqual([
    1, 2, 3, 4,
  ]);
});

test("the watermark keeps its type, whatever the policy", async () => {
  const project = await dataProject(
    "sources: {patients: {path: data/source/a.csv, incremental: {watermark: n}}}\ncontracts: {raw: {patients: c.yaml}}",
    {
      "data/source/a.csv": "n,v\n1,a\n2,b\n",
      "c.yaml": "columns: {v: {dtype: str}}\nevolution: {retyped: ignore}\n",
    },
  );
  await runData(project, realEffects);
  writeIn(project.root, "data/source/a.csv", "n,v\n3,a\nx,b\n");
  await expect(runData(project, realEffects)).rejects.toMatchObject({
    code: "COLUMN_TYPE",
    message: expect.stringContaining('"n" as int64, like earlier rows, got str'),
  });
});

test("a dataset that is read whole fails on a change only where its contract says so", async () => {
  const sections = (contract: string) => ({
    "c.yaml": contract,
    "data/source/a.csv": FIRST,
  });
  const params =
    "sources: {patients: {path: data/source/a.csv}}\ncontracts: {raw: {patients: c.yaml}}";
  const silent = await dataProject(params, sections("columns: {id: {dtype: int64}}\n"));
  await runData(silent, realEffects);
  writeIn(silent.root, "data/source/a.csv", REMOVED);
  expect((await runData(silent, realEffects)).record.datasets[0]!.column_count).toBe(2);

  const strict =
    "columns: {id: {dtype: int64}}\nevolution: {added: add, removed: fail, retyped: fail}\n";
  const project = await dataProject(params, sections(strict));
  const first = await runData(project, realEffects);
  const raw = () => readFileSync(join(project.root, "data/raw/patients.parquet"));
  const before = raw();
  for (const [text, code] of [
    [REMOVED, "COLUMN_NOT_FOUND"],
    [RETYPED, "COLUMN_TYPE"],
  ] as const) {
    writeIn(project.root, "data/source/a.csv", text);
    await expect(runData(project, realEffects)).rejects.toMatchObject({
      code,
      message: expect.stringContaining("the version before"),
    });
    expect(raw().equals(before)).toBe(true);
  }
  writeIn(project.root, "data/source/a.csv", ADDED);
  expect((await runData(project, realEffects)).record.datasets[0]!.column_count).toBe(4);
  writeIn(project.root, "data/source/a.csv", FIRST);
  await expect(runData(project, realEffects)).rejects.toMatchObject({ code: "COLUMN_NOT_FOUND" });
  const fresh = await runData(project, realEffects, { fullRefresh: true });
  expect(fresh.record).toEqual(first.record);
});
