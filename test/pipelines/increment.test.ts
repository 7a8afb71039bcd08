import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { runData } from "../../src/pipelines/data-stage.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { rawManifest } from "../../src/pipelines/raw-manifest.ts";
import { openRaw } from "../../src/pipelines/raw-relation.ts";
import { openEngine } from "../../src/table/engine.ts";
import { sql } from "../../src/table/sql.ts";
import { dataProject, writeIn } from "./data-project.ts";

const BY_FILE = "sources: {patients: {path: 'data/source/*.csv', key: [id], incremental: {}}}";
const HEAD = "id,visit,site,y\n";

async function rowsOf(project: Project): Promise<unknown[][]> {
  const engine = await openEngine();
  try {
    const relation = await openRaw(engine, project, "patients", realEffects);
    const rows = await engine.rows(sql`SELECT * FROM ${relation.sql}`);
    expect(rows.length).toBe(relation.rowCount);
    return rows.map((row) => Object.values(row));
  } finally {
    engine.close();
  }
}

function manifestOf(project: Project) {
  const path = join(project.root, "data/raw/patients/manifest.json");
  return rawManifest.parse(JSON.parse(readFileSync(path, "utf8")));
}

const taken = ({ runs }: Awaited<ReturnType<typeof runData>>) => {
  const { rows_read, rows_added, bytes_read, watermark } = runs[0]!;
  return { rows_read, rows_added, bytes_read, watermark };
};

test("only new and changed files are read; a file that went keeps its rows", async () => {
  const project = await dataProject(BY_FILE, {
    "data/source/a.csv": `${HEAD}1,2026-01-01,A,0\n2,2026-01-01,A,1\n`,
    "data/source/b.csv": `${HEAD}3,2026-01-02,B,0\n`,
  });
  const first = await runData(project, realEffects);
  expect(taken(first)).toMatchObject({ rows_read: 3, rows_added: 3 });
  expect(first.record.datasets[0]).toMatchObject({
    path: "data/raw/patients/manifest.json",
    row_count: 3,
    sources: [{ path: "data/source/a.csv" }, { path: "data/source/b.csv" }],
  });
  const again = await runData(project, realEffects);
  expect(again.ingested).toEqual([]);
  expect(taken(again)).toMatchObject({ rows_read: 0, rows_added: 0, bytes_read: 0 });

  writeIn(project.root, "data/source/c.csv", `${HEAD}4,2026-01-03,007,1\n`);
  writeIn(project.root, "data/source/b.csv", `${HEAD}3,2026-01-02,B,1\n5,2026-01-02,B,0\n`);
  rmSync(join(project.root, "data/source/a.csv"));
  const next = await runData(project, realEffects);
  expect(taken(next)).toMatchObject({ rows_read: 3, rows_added: 3 });
  expect(await rowsOf(project)).toEqual([
    [1, "2026-01-01", "A", 0],
    [2, "2026-01-01", "A", 1],
    [3, "2026-01-02", "B", 1],
    [5, "2026-01-02", "B", 0],
    [4, "2026-01-03", "007", 1], // read as the text that the column was at first
  ]);
  const { parts } = manifestOf(project);
  const files = readdirSync(join(project.root, "data/raw/patients")).sort();
  expect(files).toEqual([...parts.map(({ file }) => file), "manifest.json"].sort());
});

test("a full refresh reads what the sources hold now, and nothing else", async () => {
  const project = await dataProject(BY_FILE, {
    "data/source/a.csv": `${HEAD}1,2026-01-01,A,0\n`,
    "data/source/b.csv": `${HEAD}3,2026-01-02,B,0\n`,
  });
  await runData(project, realEffects);
  rmSync(join(project.root, "data/source/a.csv"));
  await runData(project, realEffects, { fullRefresh: true });
  expect(await rowsOf(project)).toEqual([[3, "2026-01-02", "B", 0]]);
});

const BY_ROW = `sources:
  patients:
    path: data/source/all.csv
    types: {visit: "datetime64[ns]"}
    incremental: {watermark: visit, lookback: 2d}`;

test("rows past the watermark are added, ties and late ones among them, none twice", async () => {
  const project = await dataProject(BY_ROW, {
    "data/source/all.csv": `${HEAD}1,2026-01-01,A,0\n2,2026-01-05,A,1\n2,2026-01-05,A,1\n`,
  });
  const first = await runData(project, realEffects);
  expect(taken(first)).toMatchObject({ rows_added: 3, watermark: "2026-01-05T00:00:00" });
  const same = await runData(project, realEffects);
  expect(same.ingested).toEqual([]);
  expect(taken(same)).toMatchObject({ rows_read: 3, rows_added: 0 });
  writeIn(
    project.root,
    "data/source/all.csv",
    `${HEAD}1,2026-01-01,A,0
9,2026-01-02,A,1
2,2026-01-05,A,1
2,2026-01-05,A,1
2,2026-01-05,A,1
3,2026-01-05,A,0
8,2026-01-04,B,0
4,2026-01-06,B,1
`,
  );
  const next = await runData(project, realEffects);
  expect(taken(next)).toMatchObject({
    rows_read: 8,
    rows_added: 4,
    watermark: "2026-01-06T00:00:00",
  });
  const ids = (await rowsOf(project)).map(([id]) => id);
  // a third equal row, a tie, one two days late; not the one that is three days late
  expect(ids).toEqual([1, 2, 2, 2, 3, 8, 4]);
});

test("an upsert replaces rows by key; the greater watermark stays", async () => {
  const upsert = BY_ROW.replace("lookback: 2d", "lookback: 9d, mode: upsert").replace(
    "incremental",
    "key: [id]\n    incremental",
  );
  const project = await dataProject(upsert, {
    "data/source/all.csv": `${HEAD}1,2026-01-01,A,0\n2,2026-01-05,A,1\n`,
  });
  await runData(project, realEffects);
  const text = `${HEAD}1,2026-01-07,Z,1\n2,2026-01-04,late,0\n3,2026-01-06,B,1\n`;
  writeIn(project.root, "data/source/all.csv", text);
  await runData(project, realEffects);
  const rows = (await rowsOf(project)).map(([id, , site]) => [id, site]);
  expect(rows).toEqual([
    [2, "A"],
    [1, "Z"],
    [3, "B"],
  ]);
  const before = manifestOf(project);
  const again = await runData(project, realEffects);
  expect(manifestOf(project).parts.length).toBe(before.parts.length);
  expect(again.record.datasets[0]!.quality.duplicate_rows).toBe(0);
});
