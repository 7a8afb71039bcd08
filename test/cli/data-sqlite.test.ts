import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sqlite from "node-sqlite3-wasm";
import { afterAll, expect, test } from "vitest";
import { runIn } from "../support/run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "duetmind-cli-sqlite-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...argv: readonly string[]) => runIn(folder, argv);

/** 600 visits: who stays and who leaves depends on `calls` and `plan`. */
function makeDatabase(): void {
  const database = new sqlite.Database(join(folder, "customers.db"));
  database.exec(
    "CREATE TABLE visits (visit INTEGER PRIMARY KEY, customer TEXT, day DATE, calls INTEGER, plan TEXT, churned TEXT)",
  );
  database.exec(`INSERT INTO visits
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 599)
    SELECT i, 'c' || (i / 2), date('2024-01-01', (i % 28) || ' days'), (i * 7) % 11,
      CASE i % 3 WHEN 0 THEN 'basic' WHEN 1 THEN 'plus' ELSE 'pro' END, iif((i * 7) % 11 > 5, 'yes', 'no') FROM n`);
  database.close();
}

const params = (database: string) => `
sources:
  visits:
    database: ${database}
    key: [visit]
features:
  view: visits
  source: visits
  subject: customer
  target: churned
  transforms: [{numeric: calls}, {categorical: plan}]
model: {name: churn, algorithm: logistic}
`;

test("a table of a SQLite file becomes a model that verifies", async () => {
  makeDatabase();
  writeFileSync(join(folder, "params.yaml"), params("{sqlite: customers.db, table: visits}"));
  const data = await run("data", "--json");
  expect(data.stdout).toContain('"row_count"');
  expect(data.exitCode).toBe(0);
  const record = JSON.parse(readFileSync(join(folder, "data/raw/data.record.json"), "utf8"));
  expect(record.datasets[0].sources).toMatchObject([
    { path: "customers.db#visits", format: "parquet" },
  ]);
  for (const stage of ["features", "train"]) {
    const { exitCode, stderr } = await run(stage);
    expect({ stage, exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({
      stage,
      exitCode: 0,
      stderr: "",
    });
  }
  const verified = await run("verify", "churn@1", "--json");
  expect(verified.exitCode).toBe(0);
  expect(JSON.parse(verified.stdout)).toMatchObject({ verdict: "identical" });

  // the same rows are the same dataset: nothing is read into it again
  const again = await run("data");
  expect(again.exitCode).toBe(0);
  expect(readFileSync(join(folder, "data/raw/data.record.json"), "utf8")).toBe(
    `${JSON.stringify(record)}\n`,
  );
});

test("a table that is not there is named, with the nearest one; the old dataset stays", async () => {
  writeFileSync(join(folder, "params.yaml"), params("{sqlite: customers.db, table: visit}"));
  const before = readFileSync(join(folder, "data/raw/visits.parquet"));
  const { exitCode, stdout } = await run("data", "--json");
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toEqual({
    error: {
      code: "NOT_FOUND",
      message:
        'sources.visits.database.table: expected a table or view of the database, got "visit"',
      hint: 'did you mean "visits"?',
    },
  });
  expect(readFileSync(join(folder, "data/raw/visits.parquet")).equals(before)).toBe(true);
});
