import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sqlite from "node-sqlite3-wasm";
import { describe, expect, test } from "vitest";
import { digestFile } from "../../src/core/hash.ts";
import { fetchRows, projectFolder } from "./database-project.ts";

/** A SQLite file `data.db` in a folder of its own, made by the driver's own SQLite. */
function sqliteFile(script: string): string {
  const root = projectFolder();
  const database = new sqlite.Database(join(root, "data.db"));
  database.exec(script);
  database.close();
  return root;
}

const table = { database: { sqlite: "data.db", table: "t" } };
const query = (text: string) => ({ database: { sqlite: "data.db", query: text } });

describe("types", () => {
  test("declaration and content decide together", async () => {
    const root = sqliteFile(`
      CREATE TABLE t (id INTEGER PRIMARY KEY, price DECIMAL(10,2), flag BOOLEAN, ratio REAL, name TEXT,
        day DATE, at DATETIME, raw BLOB, anything, big BIGINT, odd_day DATE, mixed INTEGER, empty_time TIMESTAMP);
      INSERT INTO t VALUES
        (2, 12, 1, 0.1, 'ß|"''', '2024-02-29', '2024-02-29 23:59:59.5', x'00ff', 1.5, 9223372036854775807, 'soon', 1, NULL),
        (1, 1.25, 0, 9e999, '', '1999-12-31', '2024-01-01T00:00:00', x'', 2, -9223372036854775808, '2024-01-01', 'one', NULL),
        (3, NULL, NULL, -0.5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);`);
    const { types, rows, notes } = await fetchRows(table, { root });
    expect(types).toEqual({
      id: "int64",
      price: "float64",
      flag: "bool",
      ratio: "float64",
      name: "str",
      day: "date",
      at: "datetime64[us]",
      raw: "BLOB",
      anything: "float64",
      big: "int64",
      odd_day: "str",
      mixed: "str",
      empty_time: "datetime64[us]",
    });
    expect(rows).toEqual([
      [
        "1",
        "1.25",
        "false",
        "inf",
        "",
        "1999-12-31",
        "2024-01-01 00:00:00",
        "",
        "2.0",
        "-9223372036854775808",
        "2024-01-01",
        "one",
        null,
      ],
      [
        "2",
        "12.0",
        "true",
        "0.1",
        "ß|\"'",
        "2024-02-29",
        "2024-02-29 23:59:59.5",
        "\\x00\\xFF",
        "1.5",
        "9223372036854775807",
        "soon",
        "1",
        null,
      ],
      ["3", null, null, "-0.5", null, null, null, null, null, null, null, null, null],
    ]);
    expect(notes).toEqual(['sources.t: column "mixed" holds numbers and text: read as text']);
  });

  test.each([
    [
      "large integers beside fractions keep every digit as text",
      "9007199254740993), (0.5",
      "str",
      ["9007199254740993", "0.5"],
    ],
    [
      "an impossible day leaves a DATE column as text",
      "'2023-02-29'), ('2024-02-29'",
      "str",
      ["2023-02-29", "2024-02-29"],
    ],
  ])("%s", async (_, values, type, expected) => {
    const declared = type === "str" && values.startsWith("'") ? "DATE" : "NUMERIC";
    const root = sqliteFile(`CREATE TABLE t (x ${declared}); INSERT INTO t VALUES (${values});`);
    const { types, rows } = await fetchRows(table, { root });
    expect(types).toEqual({ x: type });
    expect(rows.map(([x]) => x).sort()).toEqual([...expected].sort());
  });

  test("text keeps line breaks, tabs, backslashes and what looks like null", async () => {
    const texts = [
      "a\nb",
      "a\r\nb",
      "\t",
      "\\",
      "\\N",
      "\\\\n",
      "\\.",
      "NULL",
      " x ",
      "",
      "🙂",
      '"',
      "#",
      "x".repeat(3_000_000),
    ];
    const values = texts.map((text) => `('${text}')`).join(", ");
    const root = sqliteFile(`CREATE TABLE t (s TEXT); INSERT INTO t VALUES ${values}, (NULL);`);
    const { rows } = await fetchRows(table, { root });
    const sorted = [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(rows.map(([s]) => s)).toEqual([...sorted, null]);
  });
});

describe("order", () => {
  const script = `CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (2,'x'),(1,'y'),(2,'X'),(1,'y'),(NULL,'a');`;
  const rowsOf = async (params: unknown, root: string) =>
    (await fetchRows(params, { root })).rows.map((row) => row.join(" "));

  test("a table without a key and a query are sorted by every column", async () => {
    const root = sqliteFile(script);
    const sorted = ["1 y", "1 y", "2 X", "2 x", " a"];
    expect(await rowsOf(table, root)).toEqual(sorted);
    expect(await rowsOf(query("SELECT * FROM t ORDER BY b DESC -- as is"), root)).toEqual(sorted);
    expect(await rowsOf(query("SELECT * FROM t;"), root)).toEqual(sorted);
  });

  test("order_by comes first, the other columns decide ties", async () => {
    const root = sqliteFile(script);
    const params = { database: { ...table.database, order_by: ["b"] } };
    expect(await rowsOf(params, root)).toEqual(["2 X", " a", "2 x", "1 y", "1 y"]);
  });

  test("rows added in another order make the same bytes", async () => {
    const digests = [];
    for (const values of ["(1,'a'),(2,'b'),(3,NULL)", "(3,NULL),(2,'b'),(1,'a')"]) {
      const root = sqliteFile(
        `CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES ${values};`,
      );
      digests.push((await fetchRows(table, { root })).files.map((file) => digestFile(file).digest));
    }
    expect(digests[0]).toEqual(digests[1]);
  });
});

test("since selects the watermark and what is above it", async () => {
  const root = sqliteFile(`
    CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME);
    INSERT INTO t VALUES (1,'2024-01-01 00:00:00'),(2,'2024-01-02T00:00:00'),(3,'2024-01-02 09:00:00'),(4,NULL);`);
  const since = async (sinceColumn: string, value: string) =>
    (await fetchRows(table, { root, sinceColumn, since: value })).rows.map(([id]) => id);
  expect(await since("id", "3")).toEqual(["3", "4"]);
  // 4 has none: it comes, and the ingest says so
  expect(await since("at", "2024-01-02T00:00:00")).toEqual(["2", "3", "4"]);
  expect(await since("at", "2025-01-01")).toEqual(["4"]);
  await expect(since("idd", "3")).rejects.toMatchObject({
    code: "COLUMN_NOT_FOUND",
    details: { hint: 'did you mean "id"?' },
  });
});

test("since, where a day stands for its midnight, text has a collation, and numbers are kept as text", async () => {
  const root = sqliteFile(`
    CREATE TABLE t (at TIMESTAMP, s TEXT COLLATE NOCASE, mixed);
    INSERT INTO t VALUES ('2024-01-02','B2',1),('2024-01-02 00:00:00','a',10),('2024-01-03','b','x');`);
  const since = async (sinceColumn: string, value: string, more = {}) => {
    const { rows } = await fetchRows({ ...table, ...more }, { root, sinceColumn, since: value });
    return rows.map(([, s]) => s).sort();
  };
  expect(await since("at", "2024-01-02T00:00:00")).toEqual(["B2", "a", "b"]);
  expect(await since("at", "2024-01-02T00:00:01")).toEqual(["b"]);
  expect(await since("s", "a")).toEqual(["a", "b"]);
  await expect(since("mixed", "9")).rejects.toMatchObject({ code: "COLUMN_TYPE" });
  // declared as times: selected here, since the text there may be written in any way
  const types = { types: { s: "datetime64[ns]" } };
  expect(await since("s", "2024-01-01T00:00:00", types)).toEqual(["B2", "a", "b"]);
});

test("the user's file and its folder are left as they were", async () => {
  const root = sqliteFile("CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (1);");
  const file = join(root, "data.db");
  const before = [digestFile(file).digest, statSync(file).mtimeMs];
  await fetchRows(table, { root });
  expect([digestFile(file).digest, statSync(file).mtimeMs]).toEqual(before);
  expect(readdirSync(root).sort()).toEqual([".duetmind", "data.db"]);
  expect(readdirSync(join(root, ".duetmind/sources/t"))).toEqual(["rows"]);
});

describe("bad input", () => {
  const root = sqliteFile(
    "CREATE TABLE visits (id INTEGER, s TEXT, b); INSERT INTO visits VALUES (1, 'a' || char(0), x'00'), (2, 'b', 'c');",
  );
  writeFileSync(join(root, "text.db"), "this is no database, however long it may be ".repeat(50));

  test.each([
    ["no such file", { sqlite: "no.db", table: "t" }, "FILE_NOT_FOUND", "no.db: expected a file"],
    [
      "no database",
      { sqlite: "text.db", table: "t" },
      "FILE_UNREADABLE",
      "text.db: expected a SQLite database, got: file is not a database",
    ],
    [
      "no such table",
      { sqlite: "data.db", table: "visit" },
      "NOT_FOUND",
      'sources.t.database.table: expected a table or view of the database, got "visit"',
    ],
    [
      "a syntax error",
      { sqlite: "data.db", query: "SELECT FORM visits" },
      "BAD_INPUT",
      "expected a query that SQLite can run, got: ",
    ],
    [
      "no such column",
      { sqlite: "data.db", query: "SELECT nope FROM visits" },
      "BAD_INPUT",
      "got: no such column: nope",
    ],
    [
      "two statements",
      { sqlite: "data.db", query: "SELECT 1; DROP TABLE visits" },
      "BAD_INPUT",
      'got: near ";": syntax error',
    ],
    [
      "a name twice",
      { sqlite: "data.db", query: "SELECT id, id FROM visits" },
      "BAD_INPUT",
      'expected column names that differ (by more than case), got "id" twice',
    ],
    [
      "names that differ by case",
      { sqlite: "data.db", query: "SELECT id, 1 AS ID FROM visits" },
      "BAD_INPUT",
      'got "id" and "ID"',
    ],
    [
      "NUL in text",
      { sqlite: "data.db", query: "SELECT s FROM visits" },
      "COLUMN_TYPE",
      'column "s": expected text, got text with a NUL character in 1 rows',
    ],
    [
      "blobs beside text",
      { sqlite: "data.db", query: "SELECT b FROM visits" },
      "COLUMN_TYPE",
      'column "b": expected values of one kind',
    ],
    [
      "order_by of no column",
      { sqlite: "data.db", query: "SELECT id FROM visits", order_by: ["idd"] },
      "COLUMN_NOT_FOUND",
      'sources.t.database.order_by: expected a column of the data, got "idd"',
    ],
    [
      "table and query",
      { sqlite: "data.db", table: "t", query: "SELECT 1" },
      "BAD_INPUT",
      "expected either table or query",
    ],
    ["neither", { sqlite: "data.db" }, "BAD_INPUT", "expected either table or query"],
    [
      "url and sqlite",
      { sqlite: "data.db", url: "DB", table: "t" },
      "BAD_INPUT",
      "expected either url or sqlite",
    ],
  ])("%s", async (_, database, code, message) => {
    const error = await fetchRows({ database }, { root }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code });
    expect(String(error)).toContain(message);
    expect(existsSync(join(root, ".duetmind/sources/t/new"))).toBe(false);
  });

  test("an address in place of a variable's name is refused without repeating it", async () => {
    const database = { url: "postgres://ada:secret@db/meta", table: "t" };
    const error = await fetchRows({ database }).catch((caught: unknown) => caught);
    expect(String(error)).toContain(
      "sources.t: database.url: expected the name of the environment variable",
    );
    expect(String(error)).not.toContain("secret");
  });

  test("more than one origin", async () => {
    const params = { path: "a.csv", database: { sqlite: "data.db", table: "t" } };
    await expect(fetchRows(params)).rejects.toThrow(
      "expected one of path, http, database, got path and database",
    );
  });

  test("a signal ends it", async () => {
    const signal = AbortSignal.abort();
    const failed = fetchRows(
      { database: { sqlite: "data.db", query: "SELECT id FROM visits" } },
      { root, effects: { signal } },
    );
    await expect(failed).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(readFileSync(join(root, "data.db")).subarray(0, 6).toString()).toBe("SQLite");
  });
});
