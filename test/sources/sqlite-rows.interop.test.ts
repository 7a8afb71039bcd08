import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pythonEnvironment } from "../interop/python-environment.ts";
import { fetchRows, projectFolder } from "./database-project.ts";

/** Files that Python's sqlite3 wrote, and still has open with rows in the write-ahead log only. */
const SCRIPT = `
import os, sqlite3
c = sqlite3.connect("data.db")
c.execute("PRAGMA journal_mode=WAL")
c.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, at TIMESTAMP, day DATE, x REAL, price DECIMAL(10, 2), flag BOOLEAN, s TEXT, raw BLOB, big INTEGER)")
c.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [
    (i, f"2024-01-01 00:00:{i:02d}.{i:06d}", f"2024-02-{1 + i % 29:02d}", i / 3, i / 4 if i % 5 else None, i % 2, f"é\\n\\t\\\\{i}", bytes([i, 0, 255]), 2**62 + i)
    for i in range(60)])
c.commit()
os._exit(0)
`;

test("a file that Python wrote in WAL mode is what Python reads from it", async () => {
  const root = projectFolder();
  const { status, stderr } = spawnSync("python3", ["-c", SCRIPT], { cwd: root, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(existsSync(join(root, "data.db-wal"))).toBe(true);
  const { files, types } = await fetchRows(
    { database: { sqlite: "data.db", table: "t" } },
    { root },
  );
  expect(types).toEqual({
    ...{ id: "int64", at: "datetime64[us]", day: "date", x: "float64", price: "float64" },
    ...{ flag: "bool", s: "str", raw: "BLOB", big: "int64" },
  });
  const python = await pythonEnvironment("databases");
  const sql = "SELECT id, day, x, price, flag, s, raw, big FROM t ORDER BY id";
  const input = JSON.stringify({ kind: "sqlite", connect: join(root, "data.db"), sql, files });
  const script = join(import.meta.dirname, "../interop/databases/compare.py");
  expect(JSON.parse(python.run([script], { input }))).toEqual({
    rows: 60,
    ours: 60,
    columns: 8,
    different: [],
  });
});
