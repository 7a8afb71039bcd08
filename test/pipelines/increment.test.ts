import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Effects, realEffects } from "../../src/core/effects.ts";
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
    const { relation } = await openRaw(engine, project, "patients", realEffects);
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

/** The world, in which the process dies at the nth file that is to appear. */
function dyingAt(nth: number): Effects {
  let count = 0;
  return {
    ...realEffects,
    files: {
      ...realEffects.files,
      publish(path, write) {
        count += 1;
        if (count === nth) throw new Error("killed");
        return realEffects.files.publish(path, write);
      },
    },
  };
}

test("an end at any file that is to appear loses no row and adds none twice", async () => {
  const files = { "data/source/all.csv": `${HEAD}1,2026-01-01,A,0\n2,2026-01-05,A,1\n` };
  const upsert = BY_ROW.replace("lookback: 2d", "mode: upsert").replace(
    "incremental",
    "key: [id]\n    incremental",
  );
  const more = `${HEAD}2,2026-01-05,A,1\n2,2026-01-06,B,1\n3,2026-01-07,B,0\n`;
  let died = 0;
  for (let nth = 1; ; nth++) {
    const project = await dataProject(upsert, files);
    await runData(project, realEffects);
    const before = await rowsOf(project);
    writeIn(project.root, "data/source/all.csv", more);
    const ended = await runData(project, dyingAt(nth)).then(
      () => true,
      (error: Error) => error.message !== "killed",
    );
    if (ended) break;
    died += 1;
    const now = await rowsOf(project);
    expect([before.length, 3]).toContain(now.length); // as it was, or whole: the manifest is first
    await runData(project, realEffects);
    expect((await rowsOf(project)).map(([id, , site]) => [id, site])).toEqual([
      [1, "A"],
      [2, "B"],
      [3, "B"],
    ]);
  }
  expect(died).toBe(5); // fetched rows, a part, replaced places, the manifest, the record
});

test("a part that is gone or cut is named, and nothing is read over it", async () => {
  const project = await dataProject(BY_FILE, { "data/source/a.csv": `${HEAD}1,2026-01-01,A,0\n` });
  await runData(project, realEffects);
  const [part] = manifestOf(project).parts;
  writeIn(project.root, `data/raw/patients/${part!.file}`, "cut");
  await expect(runData(project, realEffects)).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
    details: { hint: expect.stringContaining("--full-refresh") },
  });
  await runData(project, realEffects, { fullRefresh: true });
  expect(await rowsOf(project)).toEqual([[1, "2026-01-01", "A", 0]]);
});

test.each([
  ["upsert without a key", "{mode: upsert}", "", "CONFIG_INVALID", "expected a key: for upsert"],
  ["look-back without a watermark", "{lookback: 2d}", "", "CONFIG_INVALID", "to look back from"],
  ["a watermark that is no column", "{watermark: vist}", "", "COLUMN_NOT_FOUND", 'got "vist"'],
  [
    "a row without a watermark",
    "{watermark: site}",
    "9,2026-01-01,,0\n",
    "BAD_INPUT",
    "got 1 without",
  ],
  [
    "a watermark after which nothing comes",
    "{watermark: visit}, types: {visit: 'datetime64[us]'}",
    "9,infinity,A,0\n",
    "BAD_INPUT",
    "got 1 infinite or NaN",
  ],
] as const)("%s is refused", async (_, incremental, extra, code, message) => {
  const project = await dataProject(
    `sources: {patients: {path: data/source/a.csv, incremental: ${incremental}}}`,
    { "data/source/a.csv": `${HEAD}1,2026-01-01,A,0\n${extra}` },
  );
  await expect(runData(project, realEffects)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});

test("an append that would change a row, other settings and another type are refused", async () => {
  const append = BY_ROW.replace("incremental", "key: [id]\n    incremental");
  const files = { "data/source/all.csv": `${HEAD}1,2026-01-01,A,0\n2,2026-01-05,A,1\n` };
  const project = await dataProject(append, files);
  await runData(project, realEffects);
  writeIn(project.root, "data/source/all.csv", `${HEAD}2,2026-01-06,B,1\n`);
  await expect(runData(project, realEffects)).rejects.toMatchObject({
    code: "CONFLICT",
    details: { hint: expect.stringContaining("mode: upsert") },
  });
  writeIn(project.root, "data/source/all.csv", `${HEAD}x,2026-01-06,B,1\n`);
  await expect(runData(project, realEffects)).rejects.toMatchObject({ code: "COLUMN_TYPE" });
  const source = project.params.sources["patients"]!;
  const other = { ...source, incremental: { mode: "append" } } as typeof source;
  const changed = { ...project, params: { ...project.params, sources: { patients: other } } };
  await expect(runData(changed, realEffects)).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("the watermark of the rows that are there (visit), got none"),
  });
  expect((await rowsOf(project)).length).toBe(2);
});
