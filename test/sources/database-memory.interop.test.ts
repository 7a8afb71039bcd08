import { spawnSync } from "node:child_process";
import { join } from "node:path";
import sqlite from "node-sqlite3-wasm";
import { describe, expect, test } from "vitest";
import { mariadbMissing, startMariadb } from "../interop/mariadb-server.ts";
import { projectFolder } from "./database-project.ts";

/** Two million rows of about 150 bytes, 300 MB of text: memory must hold a part of them only. */
const ROWS = 2_000_000;
const LIMIT_MB = 600;

function peakRssMb(
  root: string,
  database: object,
  env: Readonly<Record<string, string>> = {},
): number {
  const script = join(import.meta.dirname, "fetch-in-process.ts");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", script, root, JSON.stringify({ database })],
    { encoding: "utf8", env: { ...process.env, ...env } },
  );
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  return Number(stdout);
}

const DIGITS = "'0123456789012345678901234567890123456789012345678901234567890123456789'";

test("a query of PostgreSQL, sorted on this machine", () => {
  const query = `SELECT md5(i::text) AS a, ${DIGITS} || i AS b, random() AS c, i FROM generate_series(1, ${ROWS}) AS i`;
  const env = { CLINIC: process.env["DUETMIND_TEST_DATABASE_URL"]! };
  expect(peakRssMb(projectFolder(), { url: "CLINIC", query }, env)).toBeLessThan(LIMIT_MB);
});

test("a table of SQLite", () => {
  const root = projectFolder();
  const database = new sqlite.Database(join(root, "data.db"));
  database.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c REAL);
    INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
    SELECT i, hex(i * 1000003), ${DIGITS} || i, i / 7.0 FROM n`);
  database.close();
  expect(peakRssMb(root, { sqlite: "data.db", table: "t" })).toBeLessThan(LIMIT_MB);
});

const missing = mariadbMissing();
describe.skipIf(missing !== undefined)(
  `MariaDB${missing === undefined ? "" : `: skipped, ${missing}`}`,
  () => {
    test("a query, sorted on this machine", async () => {
      const server = await startMariadb();
      try {
        const query = `SELECT MD5(seq) AS a, CONCAT(${DIGITS}, seq) AS b, seq / 7e0 AS c, seq FROM seq_1_to_${ROWS}`;
        expect(peakRssMb(projectFolder(), { url: "LAB", query }, { LAB: server.url })).toBeLessThan(
          LIMIT_MB,
        );
      } finally {
        server.stop();
      }
    });
  },
);
