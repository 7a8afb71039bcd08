import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROW_NUMBER } from "../../src/table/relation.ts";
import { openSource, type SourceFile } from "../../src/table/source.ts";
import { id, sql } from "../../src/table/sql.ts";
import { scratchEngine } from "./scratch.ts";

/** Files that other libraries wrote, and what pandas reads from them (record.py beside them). */
const FOLDER = join(import.meta.dirname, "..", "interop", "pandas-3.1.1");
const expected = JSON.parse(readFileSync(join(FOLDER, "expected.json"), "utf8")) as Record<
  string,
  Record<string, unknown>[]
>;

async function read(source: SourceFile) {
  const engine = await scratchEngine();
  const relation = await openSource(engine, { ...source, path: join(FOLDER, source.path) });
  const types = Object.fromEntries(relation.columns.map(({ name, type }) => [name, type]));
  const rows = await engine.rows(sql`FROM ${relation.numbered} ORDER BY ${id(ROW_NUMBER)}`);
  return { types, rows: rows.map(({ [ROW_NUMBER]: _, ...row }) => row) };
}

const csv = { delimiter: ";", nulls: ["", "?"] };

test.each([
  ["utf-16-le.csv", { encoding: "utf-16" }],
  ["utf-16-be.csv", { encoding: "utf-16" }],
  ["utf-16-be.csv", {}], // its byte order mark says so
  ["utf-8-bom.csv", {}],
  ["latin-1.csv", { encoding: "latin-1" }],
  ["latin-1.csv", { encoding: "windows-1252" }],
  ["windows-1252.csv", { encoding: "windows-1252" }],
  ["windows-1250.csv", { encoding: "windows-1250" }],
  ["shift-jis.csv", { encoding: "shift_jis" }],
  ["people.csv.gz", {}],
  ["people.csv.zst", {}],
  ["utf-16.csv.zst", { encoding: "utf-16" }],
  ["two-frames.csv.zst", {}],
] as const)("%s with %o reads as in pandas", async (path, options) => {
  const { rows } = await read({ path, csv: { ...csv, ...options } });
  expect(rows).toEqual(expected[path]);
});

test("comments, another quote character and delimiter read as in pandas", async () => {
  const { rows } = await read({
    path: "comments.csv",
    csv: { delimiter: "|", comment: "#", escape: "\\" },
  });
  expect(rows).toEqual(expected["comments.csv"]);
});

test.each(["records.json.gz", "lines.ndjson.zst"])("%s reads as in pandas", async (path) => {
  expect((await read({ path })).rows).toEqual(expected[path]);
});

test("a folder of Parquet parts has its partitions as typed columns, at the end", async () => {
  const { types, rows } = await read({ path: "visits" });
  expect(types).toEqual({
    id: "int64",
    seen: "datetime64[us]",
    score: "float64",
    year: "int64",
    site: "str",
  });
  const byId = rows.toSorted((a, b) => Number(a["id"]) - Number(b["id"]));
  expect(byId.map(withIsoDates)).toEqual(expected["visits"]);
});

test("Excel: numbers, text, booleans and dates are pandas' own", async () => {
  const { types, rows } = await read({ path: "book.xlsx" });
  expect(types).toEqual({
    id: "int64",
    name: "str",
    seen: "datetime64[ns]",
    ok: "bool",
    score: "float64",
    count: "float64", // integers with nulls
    mixed: "str",
    none: "float64",
  });
  const texts = { mixed: ["1", "x", "2024-01-01T00:00:00"] };
  const wanted = expected["book.xlsx"]!.map((row, i) => ({ ...row, mixed: texts.mixed[i] }));
  expect(rows.map(withIsoDates)).toEqual(wanted);
});

test("Excel: a sheet by name and a range of cells", async () => {
  const excel = { sheet: "Offset & more", range: "B3:C5" };
  const { rows } = await read({ path: "book.xlsx", excel });
  expect(rows).toEqual(expected["book.xlsx Offset"]);
  const bare = await read({
    path: "book.xlsx",
    excel: { sheet: 2, range: "B4:C5", header: false, columns: ["k", "v"] },
  });
  expect(bare.rows).toEqual(expected["book.xlsx Offset"]!.map(({ a, b }) => ({ k: a, v: b })));
});

test("Excel: an error cell is an error, unless it is declared a null", async () => {
  const excel = { sheet: "Errors" };
  const path = join(FOLDER, "book.xlsx");
  await expect(read({ path: "book.xlsx", excel })).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: `${path}: sheet "Errors", cell B3: expected a value, got the error #DIV/0!`,
  });
  const { rows } = await read({
    path: "book.xlsx",
    excel: { ...excel, nulls: ["#DIV/0!", "#N/A"] },
  });
  expect(rows).toEqual([
    { a: 1, b: 2 },
    { a: 3, b: null },
    { a: null, b: 4 },
  ]);
});

test.each([
  [
    { sheet: "Nowhere" },
    "BAD_INPUT",
    'expected the sheet "Nowhere", got "Data", "Offset & more", "Errors", "Twice"',
  ],
  [
    { sheet: 9 },
    "BAD_INPUT",
    'expected the sheet 9, got "Data", "Offset & more", "Errors", "Twice"',
  ],
  [
    { sheet: "Twice" },
    "BAD_INPUT",
    'expected column names that differ (by more than case), got "a" and "A"',
  ],
  [{ range: "A90" }, "DATA_EMPTY", "expected rows of data, got none"],
  [{ columns: ["one"] }, "BAD_INPUT", "expected 1 columns as excel.columns names, got 8"],
])("Excel: %o", async (excel, code, message) => {
  const path = join(FOLDER, "book.xlsx");
  await expect(read({ path: "book.xlsx", excel })).rejects.toMatchObject({
    ...{ code, exitCode: 2, message: `${path}: ${message}` },
  });
});

test("Excel: a workbook with a password", async () => {
  const path = join(FOLDER, "locked.xlsx");
  await expect(read({ path: "locked.xlsx" })).rejects.toMatchObject({
    code: "FILE_UNREADABLE",
    exitCode: 2,
    message: `${path}: expected an Excel workbook (.xlsx), got one that is protected by a password`,
  });
});

/** `2024-01-31T10:00:00.000Z` of the engine's rows → `2024-01-31T10:00:00` as pandas writes it. */
function withIsoDates(row: Record<string, unknown>): Record<string, unknown> {
  const iso = (value: unknown) =>
    typeof value === "string"
      ? value.replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.000Z$/, "$1")
      : value;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, iso(value)]));
}
