import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { runData } from "../../src/pipelines/data-stage.ts";
import { openEngine } from "../../src/table/engine.ts";
import { openParquet } from "../../src/table/parquet-source.ts";
import { sql } from "../../src/table/sql.ts";
import { dataProject, writeIn } from "./data-project.ts";

const CONTRACT = `columns:
  id: {dtype: int64, sensitivity: identifier}
  age: {dtype: int64, in_range: {min_value: 0, max_value: 120}}
drop_invalid_rows: true
`;

async function rowsIn(path: string): Promise<unknown[]> {
  const engine = await openEngine();
  try {
    const relation = await openParquet(engine, [path]);
    return (await engine.rows(sql`SELECT * FROM ${relation.sql}`)).map(Object.values);
  } finally {
    engine.close();
  }
}

const DIRTY = "id,age\n71,30\n72,-4\n73,40\n74,999\n";

test("bad rows go to the quarantine with their reasons, the good ones pass", async () => {
  const project = await dataProject("sources: {p: {path: a.csv}}\ncontracts: {raw: {p: c.yaml}}", {
    "a.csv": DIRTY,
    "c.yaml": CONTRACT,
  });
  const notes: string[] = [];
  const progress = { ...realEffects.progress, note: (text: string) => notes.push(text) };
  const { record, runs } = await runData(project, { ...realEffects, progress });
  expect(runs[0]).toMatchObject({ rows_read: 4, rows_added: 2, rows_rejected: 2 });
  const [dataset] = record.datasets;
  expect(dataset).toMatchObject({ row_count: 2, quarantine: [{ row_count: 2 }] });
  const { path } = dataset!.quarantine![0]!;
  expect(path).toMatch(/^\.duetmind\/quarantine\/p\/[0-9a-f]{64}\.parquet$/);
  const file = join(project.root, path);
  expect(await rowsIn(file)).toEqual([
    [1, 72, -4, "age: in_range(0, 120)"],
    [3, 74, 999, "age: in_range(0, 120)"],
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(notes.join()).toContain("2 rows break the contract");
  expect(notes.join()).not.toContain("72");

  // the next version has its own bad rows, and one without any keeps none
  writeIn(project.root, "a.csv", `${DIRTY}75,-1\n`);
  await runData(project, realEffects);
  const folder = join(project.root, ".duetmind/quarantine/p");
  expect(readdirSync(folder)).toHaveLength(1);
  writeIn(project.root, "a.csv", "id,age\n71,30\n");
  const clean = await runData(project, realEffects);
  expect(readdirSync(folder)).toEqual([]);
  expect(clean.record.datasets[0]).not.toHaveProperty("quarantine");
});

test("a dataset that grows has a file of bad rows beside each part that had some", async () => {
  const project = await dataProject(
    "sources: {p: {path: 'in/*.csv', incremental: {}}}\ncontracts: {raw: {p: c.yaml}, quarantine: bad}",
    { "in/a.csv": DIRTY, "c.yaml": CONTRACT },
  );
  await runData(project, realEffects);
  writeIn(project.root, "in/b.csv", "id,age\n81,-9\n82,50\n");
  writeIn(project.root, "in/c.csv", "id,age\n91,60\n");
  const { record, runs } = await runData(project, realEffects);
  expect(runs[0]).toMatchObject({ rows_read: 3, rows_added: 2, rows_rejected: 1 });
  const [dataset] = record.datasets;
  expect(dataset).toMatchObject({ row_count: 4, quarantine: [{ row_count: 2 }, { row_count: 1 }] });
  const [, second] = dataset!.quarantine!;
  expect(await rowsIn(join(project.root, second!.path))).toEqual([
    [0, 81, -9, "age: in_range(0, 120)"],
  ]);
  const names = dataset!.quarantine!.map(({ path }) => basename(path)).sort();
  expect(readdirSync(join(project.root, "bad/p")).sort()).toEqual(names);
  expect((await runData(project, realEffects)).record).toEqual(record);
});

test("an end while the dataset appears leaves the old one; the next run makes the same files", async () => {
  const project = await dataProject("sources: {p: {path: a.csv}}\ncontracts: {raw: {p: c.yaml}}", {
    "a.csv": DIRTY,
    "c.yaml": CONTRACT,
  });
  const files = {
    ...realEffects.files,
    publish: ((path, write) => {
      if (path.endsWith("data.record.json")) throw new Error("killed");
      return realEffects.files.publish(path, write);
    }) as typeof realEffects.files.publish,
  };
  await expect(runData(project, { ...realEffects, files })).rejects.toThrow("killed");
  const folder = join(project.root, ".duetmind/quarantine/p");
  const left = readdirSync(folder);
  await runData(project, realEffects);
  expect(readdirSync(folder)).toEqual(left);
});

test("without drop_invalid_rows nothing is dropped, and nothing is written", async () => {
  const project = await dataProject("sources: {p: {path: a.csv}}\ncontracts: {raw: {p: c.yaml}}", {
    "a.csv": DIRTY,
    "c.yaml": CONTRACT.replace("true", "false"),
  });
  await expect(runData(project, realEffects)).rejects.toMatchObject({ code: "CONTRACT_VIOLATED" });
  expect(existsSync(join(project.root, ".duetmind/quarantine"))).toBe(false);
});
