import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { runData } from "../../src/pipelines/data-stage.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { rawManifest } from "../../src/pipelines/raw-manifest.ts";
import { openRaw } from "../../src/pipelines/raw-relation.ts";
import { openEngine } from "../../src/table/engine.ts";
import { openParquet } from "../../src/table/parquet-source.ts";
import { type Sql, sql } from "../../src/table/sql.ts";
import { dataProject, writeIn } from "./data-project.ts";

async function read(from: (engine: Awaited<ReturnType<typeof openEngine>>) => Promise<Sql>) {
  const engine = await openEngine();
  try {
    return (await engine.rows(sql`SELECT * FROM ${await from(engine)}`)).map(Object.values);
  } finally {
    engine.close();
  }
}

const rowsOf = (project: Project) =>
  read(async (engine) => (await openRaw(engine, project, "p", realEffects)).relation.sql);

const rowsIn = (project: Project, path: string) =>
  read(async (engine) => (await openParquet(engine, [join(project.root, path)])).sql);

const contract = (policy: string, unique = "id") =>
  `columns: {id: {dtype: int64}, v: {dtype: str}}\nunique: [${unique}]\nreport_duplicates: ${policy}\ndrop_invalid_rows: true\n`;

const twoParts = (policy: string) =>
  dataProject(
    "sources: {p: {path: 'in/*.csv', incremental: {}}}\ncontracts: {raw: {p: c.yaml}, quarantine: bad}",
    { "in/a.csv": "id,v\n1,a\n2,a\n", "c.yaml": contract(policy) },
  );

const REASON = "multiple_fields_uniqueness";

test.each([
  [
    "exclude_first",
    [
      [1, "a"],
      [2, "a"],
      [3, "b"],
    ],
    [[[0, 2, "b", REASON]]],
  ],
  [
    "exclude_last",
    [
      [1, "a"],
      [2, "b"],
      [3, "b"],
    ],
    [[[1, 2, "a", REASON]]],
  ],
  [
    "all",
    [
      [1, "a"],
      [3, "b"],
    ],
    [[[1, 2, "a", REASON]], [[0, 2, "b", REASON]]],
  ],
])("a key that stands in two increments is dropped as %s says", async (policy, kept, bad) => {
  const project = await twoParts(policy);
  const first = await runData(project, realEffects);
  expect(first.record.datasets[0]).not.toHaveProperty("quarantine");
  writeIn(project.root, "in/b.csv", "id,v\n2,b\n3,b\n");
  const notes: string[] = [];
  const progress = { ...realEffects.progress, note: (text: string) => notes.push(text) };
  const { record, runs } = await runData(project, { ...realEffects, progress });
  expect(await rowsOf(project)).toEqual(kept);
  const [dataset] = record.datasets;
  expect(dataset).toMatchObject({ row_count: kept.length, contract: { valid: true } });
  const files = dataset!.quarantine!.map(({ path }) => path);
  expect(await Promise.all(files.map((path) => rowsIn(project, path)))).toEqual(bad);
  expect(files.map((path) => statSync(join(project.root, path)).mode & 0o777)).toEqual(
    bad.map(() => 0o600),
  );
  const ofNew = bad.flat().filter(([, , v]) => v === "b").length;
  expect(runs[0]).toMatchObject({ rows_read: 2, rows_added: 2 - ofNew, rows_rejected: ofNew });
  expect(notes.join()).toMatch(/p: [12] rows? breaks? the contract; see bad\/p/);

  // nothing new: nothing changes; a full refresh finds the same
  expect((await runData(project, realEffects)).record).toEqual(record);
  const again = await runData(project, realEffects, { fullRefresh: true });
  expect(again.record.datasets[0]).toEqual(dataset);
});

test("rows come back when what they repeated goes, and their quarantine goes", async () => {
  const project = await twoParts("all");
  writeIn(project.root, "in/b.csv", "id,v\n2,b\n3,b\n");
  await runData(project, realEffects);
  expect(readdirSync(join(project.root, "bad/p"))).toHaveLength(2);
  writeIn(project.root, "in/b.csv", "id,v\n3,b\n");
  const { record } = await runData(project, realEffects);
  expect(await rowsOf(project)).toEqual([
    [1, "a"],
    [2, "a"],
    [3, "b"],
  ]);
  expect(record.datasets[0]).not.toHaveProperty("quarantine");
  expect(readdirSync(join(project.root, "bad/p"))).toEqual([]);
});

test("rows that a later contract drops go to the quarantine too", async () => {
  const project = await twoParts("all");
  writeIn(project.root, "in/b.csv", "id,v\n7,b\n");
  await runData(project, realEffects);
  writeIn(project.root, "c.yaml", contract("all").replace("int64", "int64, lt: 7"));
  const { record } = await runData(project, realEffects);
  expect(await rowsOf(project)).toEqual([
    [1, "a"],
    [2, "a"],
  ]);
  const [file] = record.datasets[0]!.quarantine!;
  expect(await rowsIn(project, file!.path)).toEqual([[0, 7, "b", "id: less_than(7)"]]);
});

test("after an upsert, what is left is held to the contract; both kinds of marks hold", async () => {
  const project = await dataProject(
    "sources: {p: {path: 'in/*.csv', key: [id], incremental: {mode: upsert}}}\ncontracts: {raw: {p: c.yaml}}",
    {
      "in/a.csv": "id,v\n1,x\n2,y\n3,z\n",
      "c.yaml": contract("exclude_first", "v"),
    },
  );
  await runData(project, realEffects);
  // row 1 is replaced, so the x of row 4 is the only one; the y of row 5 is there twice, as is z
  writeIn(project.root, "in/b.csv", "id,v\n1,w\n4,x\n5,y\n");
  writeIn(project.root, "in/c.csv", "id,v\n6,z\n2,q\n");
  await runData(project, realEffects);
  expect(await rowsOf(project)).toEqual([
    [3, "z"],
    [1, "w"],
    [4, "x"],
    [5, "y"],
    [2, "q"],
  ]);
});

test("an end at any file leaves the old dataset, and the next run makes what an undisturbed one makes", async () => {
  const grown = async () => {
    const project = await twoParts("all");
    await runData(project, realEffects);
    writeIn(project.root, "in/b.csv", "id,v\n2,b\n3,b\n");
    return project;
  };
  const filesOf = (project: Project) =>
    ["data/raw/p", "bad/p"].map((folder) => {
      const path = join(project.root, folder);
      return existsSync(path) ? readdirSync(path).sort() : [];
    });
  const undisturbed = await grown();
  const whole = await runData(undisturbed, realEffects);
  let ended = 0;
  for (let survivors = 0; ; survivors += 1) {
    const project = await grown();
    const before = readFileSync(join(project.root, "data/raw/p/manifest.json"), "utf8");
    let published = 0;
    const publish = (async (path, write) => {
      if (published >= survivors) throw new Error("killed");
      const made = await realEffects.files.publish(path, write);
      published += 1;
      return made;
    }) as typeof realEffects.files.publish;
    const files = { ...realEffects.files, publish };
    const run = runData(project, { ...realEffects, files }).catch((error: Error) => error.message);
    if ((await run) !== "killed") break;
    ended += 1;
    const manifest = readFileSync(join(project.root, "data/raw/p/manifest.json"), "utf8");
    if (manifest !== before) {
      expect(rawManifest.parse(JSON.parse(manifest)).parts).toHaveLength(2);
    } else
      expect(await rowsOf(project)).toEqual([
        [1, "a"],
        [2, "a"],
      ]);
    const { record } = await runData(project, realEffects);
    expect(record).toEqual(whole.record);
    expect(filesOf(project)).toEqual(filesOf(undisturbed));
    rmSync(project.root, { recursive: true });
  }
  expect(ended).toBeGreaterThan(4);
});
