import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DuetMindError } from "../../src/core/errors.ts";
import { openSource, type SourceFile } from "../../src/table/source.ts";
import { lit, raw, type Sql, sql } from "../../src/table/sql.ts";
import { scratchEngine, scratchFile, scratchFolder } from "./scratch.ts";

async function failure(source: SourceFile) {
  const engine = await scratchEngine();
  const error = await openSource(engine, source).then(
    () => undefined,
    (thrown: unknown) => thrown as DuetMindError,
  );
  if (error === undefined) throw new Error("expected a failure");
  const message = error.message.replaceAll(source.path, "FILE");
  const { line, hint } = error.details;
  return { code: error.code, exit: error.exitCode, message, line, hint };
}

test.each([
  [
    "ragged",
    "a,b\n1,2\n3\n4,5\n",
    "BAD_INPUT",
    "FILE:3: expected as many fields as the header, got 1 instead of 2",
    3,
  ],
  [
    "too long",
    "a,b\n1,2,3\n",
    "BAD_INPUT",
    "FILE:2: expected as many fields as the header, got 3 instead of 2",
    2,
  ],
  [
    "wrong encoding",
    Buffer.from("a,b\n1,caf\xe9\n", "latin1"),
    "FILE_UNREADABLE",
    "FILE:2: expected text in the encoding of csv.encoding, got bytes that it does not have",
    2,
  ],
  [
    "line ends of two kinds and a short row",
    "a,b,c\r\n1,2,3\r\n4,5,6\r\n1,2\n",
    "BAD_INPUT",
    "FILE: expected CSV after RFC 4180, got line ends of two kinds (CRLF and LF) or a stray quote",
    undefined,
  ],
  ["empty", "", "DATA_EMPTY", "FILE: expected data, got an empty file", undefined],
  ["blank", "\n\n", "DATA_EMPTY", "FILE: expected rows of data, got none", undefined],
  ["header only", "a,b\n", "DATA_EMPTY", "FILE: expected rows of data, got none", undefined],
  [
    "duplicated header",
    "a,b,a\n1,2,3\n",
    "BAD_INPUT",
    'FILE: expected column names that differ (by more than case), got "a" twice',
    undefined,
  ],
  [
    "header that differs by case only",
    "a,A\n1,2\n",
    "BAD_INPUT",
    'FILE: expected column names that differ (by more than case), got "a" and "A"',
    undefined,
  ],
  [
    "quote that never ends",
    'a,b\n"x,2\n',
    "BAD_INPUT",
    "FILE:2: expected a quoted field to end, got the end of the file",
    2,
  ],
])("CSV: %s", async (_, content, code, message, line) => {
  const path = scratchFile("x.csv", content as string);
  expect(await failure({ path })).toMatchObject({ code, exit: 2, message, line });
});

test.each([
  ["int64", "1.5", 'column "a": expected int64 as types: declares, got "1.5"'],
  ["int8", "300", 'column "a": expected int8 as types: declares, got "300"'],
  ["bool", "maybe", 'column "a": expected bool as types: declares, got "maybe"'],
])("a value that is not of its declared type %s", async (type, value, message) => {
  const path = scratchFile("x.csv", `a,b\n${value},1\n`);
  expect(await failure({ path, types: { a: type } })).toMatchObject({
    code: "COLUMN_TYPE",
    message: `FILE: ${message}`,
  });
});

test.each([
  ["a", "int64"],
  ["b", "bool"],
])(
  "of several CSV files the one whose column %s holds such a value is named",
  async (column, type) => {
    const folder = scratchFolder();
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    write("1.csv", "a,b\n1,1\n");
    write("2.csv", `a,b\n${column === "a" ? "x,1" : "1,x"}\n`);
    write("3.csv", "a,b\n1,1\n");
    const types = { a: "int64", b: "bool", [column]: type };
    expect(await failure({ path: join(folder, "*.csv"), types })).toMatchObject({
      message: `${join(folder, "2.csv")}: column "${column}": expected ${type} as types: declares, got "x"`,
    });
  },
);

test.each([
  ["int64", "1.5", "1.5"],
  ["int64", '"1.5"', "1.5"],
  ["int8", "300", "300"],
  ["float64", '"much"', "much"],
  ["datetime64[ns]", '"soon"', "soon"],
])(
  "a JSON value that is not of its declared type %s is refused, not rounded: %s",
  async (type, value, got) => {
    const path = scratchFile("x.ndjson", `{"b":1}\n{"a":${value}}\n`);
    expect(await failure({ path, types: { a: type } })).toMatchObject({
      code: "COLUMN_TYPE",
      message: `FILE: column "a": expected ${type} as types: declares, got "${got}"`,
    });
  },
);

test.each([
  ["alone", "x.json", '[{"":1},{"":2}]'],
  ["behind another", "x.ndjson", '{"a":1}\n{"a":1,"":2}\n'],
  ["beside the name that the engine would give it", "x.json", '[{"":1,"C0":2}]'],
])("an empty JSON key is refused, not renamed: %s", async (_, name, content) => {
  expect(await failure({ path: scratchFile(name, content) })).toMatchObject({
    code: "BAD_INPUT",
    message: 'FILE: expected keys that name columns, got ""',
  });
});

test("JSON keys such as the engine gives are names like others", async () => {
  const engine = await scratchEngine();
  const path = scratchFile("x.ndjson", '{"C0":1,"C1":2}\n');
  const { columns } = await openSource(engine, { path });
  expect(columns.map((each) => each.name)).toEqual(["C0", "C1"]);
});

test.each([
  ["int64", "1.5::DOUBLE", "1.5"],
  ["int64", "1.5::DECIMAL(4,1)", "1.5"],
  ["int64", "'NaN'::DOUBLE", "nan"],
  ["Int64", "'-inf'::FLOAT", "-inf"],
  ["int64", "1e19::DOUBLE", "1e+19"],
  ["int8", "300::BIGINT", "300"],
  ["int64", "'1.5'::VARCHAR", "1.5"],
  ["bool", "0.5::DOUBLE", "0.5"],
  ["float64", "'much'::VARCHAR", "much"],
])(
  "a Parquet value that is not of its declared type %s is refused, not rounded: %s",
  async (type, value, got) => {
    const engine = await scratchEngine();
    const folder = scratchFolder();
    const write = (name: string, select: Sql) =>
      engine.run(sql`COPY (${select}) TO ${lit(join(folder, name))} (FORMAT parquet)`);
    await write("a.parquet", sql`SELECT 1 AS b, 1 AS a`);
    await write("b.parquet", sql`SELECT 1 AS b, ${raw(value)} AS a`);
    expect(await failure({ path: join(folder, "*.parquet"), types: { a: type } })).toMatchObject({
      code: "COLUMN_TYPE",
      message: `${join(folder, "b.parquet")}: column "a": expected ${type} as types: declares, got "${got}"`,
    });
  },
);

test("a text that is no date names its line", async () => {
  const path = scratchFile("x.csv", "d\n2020-01-01\nsoon\n");
  expect(await failure({ path, types: { d: "datetime64[ns]" } })).toMatchObject({
    code: "COLUMN_TYPE",
    message:
      'FILE:3: column "d": expected values of the declared type, got "soon", which is no TIMESTAMP_NS',
    line: 3,
  });
});

test.each([
  ["x.csv", "site\n1\n"],
  ["x.ndjson", '{"site":1}\n'],
  ["x.json", '[{"site":1}]'],
])("types: of a column that is not there: %s", async (name, content) => {
  const path = scratchFile(name, content);
  expect(await failure({ path, types: { sites: "int64" } })).toMatchObject({
    code: "COLUMN_NOT_FOUND",
    message: 'FILE: expected the column "sites" that types: declares, got site',
    hint: 'did you mean "site"?',
  });
});

test.each([
  ["x.ndjson", '{"a":1}\n{"A":2}\n'],
  ["x.json", '[{"A":1,"a":2}]'],
])("keys of JSON that differ by case only: %s", async (name, content) => {
  expect(await failure({ path: scratchFile(name, content) })).toMatchObject({
    code: "BAD_INPUT",
    message: 'FILE: expected column names that differ (by more than case), got "A" and "a"',
    hint: "rename one where the file is made",
  });
});

test("keys of JSON that differ by case only, in two files", async () => {
  const folder = scratchFolder();
  writeFileSync(join(folder, "0.ndjson"), '{"a":1}\n');
  writeFileSync(join(folder, "1.ndjson"), '{"A":1}\n');
  expect(await failure({ path: join(folder, "*.ndjson") })).toMatchObject({
    message: expect.stringContaining('got "a" and "A"'),
  });
});

test.each([
  ["x.ndjson", "{}\n{}\n", "expected objects with keys, which are the columns, got only {}"],
  ["x.json", "[{},{}]", "expected objects with keys, which are the columns, got only {}"],
  [
    "x.ndjson",
    "1\n",
    "expected an array of objects (.json) or one object a line (.ndjson), got other values",
  ],
])("JSON without keys: %s of %j", async (name, content, message) => {
  expect(await failure({ path: scratchFile(name, content) })).toMatchObject({
    code: "BAD_INPUT",
    message: `FILE: ${message}`,
  });
});

test("types: of a type that is none", async () => {
  const path = scratchFile("x.csv", "a\n1\n");
  expect(await failure({ path, types: { a: "int46" } })).toMatchObject({ code: "BAD_INPUT" });
});

test.each([
  ["text", "hello, this is no Parquet"],
  ["a few bytes", "PAR"],
])("a .parquet file of %s", async (_, content) => {
  expect(await failure({ path: scratchFile("x.parquet", content) })).toMatchObject({
    code: "FILE_UNREADABLE",
    exit: 2,
    message: "FILE: expected a Parquet file, got something else, or only a part of one",
  });
});

test("a JSON value of 40 MB", async () => {
  const path = scratchFile("x.ndjson", `{"a":"${"x".repeat(40_000_000)}"}\n`);
  expect(await failure({ path })).toMatchObject({
    code: "BAD_INPUT",
    message: "FILE: expected JSON objects within the limit, got one of more than 16777216 bytes",
  });
});

test("a JSON array without rows", async () => {
  for (const text of ["[]", "\ufeff [ ]\n"]) {
    expect(await failure({ path: scratchFile("x.json", text) })).toMatchObject({
      code: "DATA_EMPTY",
      message: "FILE: expected rows of data, got none",
    });
  }
});

test.each([
  ["x.json", '[{"a":1},{"a":', 'FILE: expected a JSON array that ends with "]", got none'],
  ["x.json", '[{"a":1},', 'FILE: expected a JSON array that ends with "]", got none'],
  [
    "x.ndjson",
    '{"a":1}\n{"a":1,"a":2}\n',
    'FILE:2: expected each key of an object once, got "a" twice',
  ],
  ["x.json", "[1,2]", /^FILE: expected an array of objects .*, got other values$/],
  ["x.ndjson", '{"a":1}\n{"a":oops}\n', /^FILE:2: expected valid JSON: .*, got unexpected/],
])("invalid JSON: %s %s", async (name, content, message) => {
  const found = await failure({ path: scratchFile(name, content) });
  expect(found.code).toBe("BAD_INPUT");
  if (typeof message === "string") expect(found.message).toBe(message);
  else expect(found.message).toMatch(message);
});

test("nothing there, a folder, an unknown name, a glob without files, damaged gzip", async () => {
  const folder = scratchFolder();
  expect(await failure({ path: `${folder}/none.csv` })).toMatchObject({
    code: "FILE_NOT_FOUND",
    message: "FILE: expected a file, got nothing at this path",
  });
  expect(await failure({ path: folder, format: "csv" })).toMatchObject({
    code: "FILE_NOT_FOUND",
    message: "FILE: expected at least one file, got none",
  });
  expect(await failure({ path: scratchFile("x.txt", "a") })).toMatchObject({ code: "BAD_INPUT" });
  expect(await failure({ path: `${folder}/*.csv` })).toMatchObject({ code: "FILE_NOT_FOUND" });
  expect(await failure({ path: scratchFile("x.csv.gz", "a,b\n1,2\n") })).toMatchObject({
    code: "FILE_UNREADABLE",
  });
});

test("files of a glob with other columns", async () => {
  const folder = scratchFolder();
  const { writeFileSync } = await import("node:fs");
  writeFileSync(`${folder}/1.csv`, "a,b\n1,2\n");
  writeFileSync(`${folder}/2.csv`, "a,c\n1,2\n");
  const found = await failure({ path: `${folder}/*.csv` });
  expect(found.code).toBe("BAD_INPUT");
  expect(found.message).toContain('got 2 with "c" there');
});
