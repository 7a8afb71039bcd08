import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { ROW_NUMBER } from "../../src/table/relation.ts";
import { openSource, type SourceFile } from "../../src/table/source.ts";
import { id, lit, sql } from "../../src/table/sql.ts";
import { scratchEngine, scratchFile, scratchFolder } from "./scratch.ts";

async function read(source: SourceFile) {
  const engine = await scratchEngine();
  const relation = await openSource(engine, source);
  const types = Object.fromEntries(relation.columns.map(({ name, type }) => [name, type]));
  const rows = await engine.rows(sql`FROM ${relation.numbered} ORDER BY ${id(ROW_NUMBER)}`);
  return { types, rows: rows.map(({ [ROW_NUMBER]: _, ...row }) => row), relation };
}

function csv(text: string, options: Partial<SourceFile> = {}) {
  return read({ path: scratchFile("x.csv", text), ...options });
}

test("CSV columns are typed by content, with pandas' names", async () => {
  const { types, rows } = await csv(
    'i,n,f,b,s,d,none,z\n1,1,1.5,true,x,2020-01-01,,007\n2,,2,False,"y,z",2020-01-02,,+8\n',
  );
  expect(types).toEqual({
    i: "int64",
    n: "float64", // an integer column with nulls, as in pandas
    f: "float64",
    b: "bool",
    s: "str",
    d: "str", // a date only where somebody says so
    none: "float64",
    z: "int64",
  });
  expect(rows[1]).toEqual({
    i: 2,
    n: null,
    f: 2,
    b: false,
    s: "y,z",
    d: "2020-01-02",
    none: null,
    z: 8,
  });
});

test("numbers that only DuckDB would take for numbers stay text", async () => {
  const { types } = await csv("under,hex,exp,point\n1_000,0x1F,1e5,63.0\n2,2,2,7\n");
  expect(types).toEqual({ under: "str", hex: "str", exp: "float64", point: "float64" });
});

test.each([
  ["a fraction", "1.5", "float64", 1.5],
  ["an underscore", "1_5", "str", "1_5"],
  ["hexadecimal", "0x1F", "str", "0x1F"],
  ["text", "n/a", "str", "n/a"],
  ["a null", "", "float64", null],
  ["beyond int64", "18446744073709551615", "uint64", 18446744073709551615n],
  ["beyond uint64", "18446744073709551616", "str", "18446744073709551616"],
])("%s after many integers changes the type, not the value", async (_, last, type, value) => {
  const { types, rows } = await csv(`a,b\n${"1,x\n".repeat(12_000)}${last},x\n`);
  expect(types["a"]).toBe(type);
  expect(rows.at(-1)!["a"]).toBe(value);
});

test.each([
  ["an underscore", "1_0.5", "str", "1_0.5"],
  ["text", "high", "str", "high"],
  ["not a number", "NaN", "float64", Number.NaN],
])("%s after many decimals", async (_, last, type, value) => {
  const { types, rows } = await csv(`a,b\n${"1.5,x\n".repeat(12_000)}${last},x\n`);
  expect(types["a"]).toBe(type);
  expect(rows.at(-1)!["a"]).toEqual(value);
});

test("integers beyond 2^53 keep every digit, also beside nulls", async () => {
  const { types, rows } = await csv("a,b\n9007199254740993,9007199254740993\n1,\n");
  expect(types).toEqual({ a: "int64", b: "int64" });
  expect(rows[0]).toEqual({ a: 9007199254740993n, b: 9007199254740993n });
});

test("declared types are taken", async () => {
  const { types, rows } = await csv("d,t,s\n2020-01-02,2020-01-02 03:04:05,7\n", {
    types: { d: "date", t: "datetime64[ns]", s: "str" },
  });
  expect(types).toEqual({ d: "date", t: "datetime64[ns]", s: "str" });
  expect(rows).toEqual([{ d: "2020-01-02T00:00:00.000Z", t: "2020-01-02T03:04:05.000Z", s: "7" }]);
});

test("dialect: delimiter, no header, names, nulls, skipped lines, encoding", async () => {
  const text = Buffer.from("# export\n1;caf\xe9;NA\n2;'x;y';3\n", "latin1");
  const { rows } = await read({
    path: scratchFile("x.csv", text),
    csv: {
      delimiter: ";",
      quote: "'",
      header: false,
      columns: ["a", "b", "c"],
      nulls: ["NA"],
      skip: 1,
      encoding: "latin-1",
    },
  });
  expect(rows).toEqual([
    { a: 1, b: "café", c: null },
    { a: 2, b: "x;y", c: 3 },
  ]);
});

test("a byte order mark, CRLF, quoted line breaks and an unnamed column", async () => {
  const { rows } = await csv('\uFEFF,"b\nc"\r\n1,"x\ny"\r\n');
  expect(rows).toEqual([{ "Unnamed: 0": 1, "b\nc": "x\ny" }]);
});

test("TSV and gzip go by the name of the file", async () => {
  const { rows } = await read({ path: scratchFile("x.tsv.gz", gzipSync("a\tb\n1\tx\n")) });
  expect(rows).toEqual([{ a: 1, b: "x" }]);
});

test("JSON: types over all objects, nested values as text, no digit lost", async () => {
  const path = scratchFile(
    "x.json",
    '[{"a":1,"n":{"x":[1,2]},"t":"2020-01-01","f":1.50,"big":12345678901234567890,"ok":true,"m":1},{"a":2,"n":null,"late":3,"m":"x"}]',
  );
  const { types, rows } = await read({ path });
  expect(types).toEqual({
    a: "int64",
    n: "str",
    t: "str",
    f: "float64",
    big: "uint64",
    ok: "bool",
    m: "str",
    late: "float64",
  });
  expect(rows[0]).toMatchObject({
    n: '{"x":[1,2]}',
    t: "2020-01-01",
    f: 1.5,
    big: 12345678901234567890n,
    m: "1",
  });
  expect(rows[1]).toMatchObject({ n: null, late: 3, m: "x", ok: null });
});

test("NDJSON reads like the array of its lines", async () => {
  const { rows } = await read({ path: scratchFile("x.ndjson", '{"a":1}\n{"a":2,"b":"x"}\n') });
  expect(rows).toEqual([
    { a: 1, b: null },
    { a: 2, b: "x" },
  ]);
});

test("a glob reads its files in code point order and numbers the rows through", async () => {
  const folder = scratchFolder();
  mkdirSync(join(folder, "parts"));
  for (const [name, value] of [
    ["b.csv", 3],
    ["B.csv", 1],
    ["a.csv", 2],
    ["é.csv", 4],
  ]) {
    writeFileSync(join(folder, "parts", String(name)), `v\n${value}\n`);
  }
  const { rows, relation } = await read({ path: join(folder, "parts", "*.csv") });
  expect(rows.map((row) => row["v"])).toEqual([1, 2, 3, 4]);
  expect(relation.rowCount).toBe(4);
});

test("Parquet files of a glob are one table in order", async () => {
  const engine = await scratchEngine();
  const folder = scratchFolder();
  for (const i of [0, 1]) {
    const path = lit(join(folder, `${i}.parquet`));
    await engine.run(sql`COPY (SELECT range + ${lit(10 * i)} AS v FROM range(3)) TO ${path}`);
  }
  const relation = await openSource(engine, { path: join(folder, "*.parquet") });
  const rows = await engine.rows(sql`FROM ${relation.numbered} ORDER BY ${id(ROW_NUMBER)}`);
  expect(rows.map((row) => [row[ROW_NUMBER], row["v"]])).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 10],
    [4, 11],
    [5, 12],
  ]);
});

test("whole numbers of JSON are integers however they are written, where that is declared", async () => {
  const path = scratchFile(
    "x.ndjson",
    '{"a":2.0}\n{"a":2e3}\n{"a":null}\n{"a":" 7"}\n{"a":9007199254740993}\n',
  );
  const { rows } = await read({ path, types: { a: "int64" } });
  expect(rows.map(({ a }) => a)).toEqual([2, 2000, null, 7, 9007199254740993n]);
});

test("JSON arrays without rows beside others are passed over", async () => {
  const folder = scratchFolder();
  for (const [name, text] of [
    ["a", "[]"],
    ["b", '[{"v":1}]'],
    ["c", " [ ] "],
  ]) {
    writeFileSync(join(folder, `${name}.json`), text!);
  }
  const { rows } = await read({ path: join(folder, "{day}.json") });
  expect(rows).toEqual([{ v: 1, day: "b" }]);
});

test("Parquet values are of another declared type where nothing is lost", async () => {
  const engine = await scratchEngine();
  const path = join(scratchFolder(), "x.parquet");
  const rows = sql`SELECT unnest([2.0, NULL, 9007199254740992.0]) AS a, 'NaN'::DOUBLE AS b, ' 2e3' AS c, true AS d, 2.50::DECIMAL(4,2) AS e`;
  await engine.run(sql`COPY (${rows}) TO ${lit(path)} (FORMAT parquet)`);
  const types = { a: "int64", b: "float32", c: "Int64", d: "int8", e: "float64" };
  const relation = await openSource(engine, { path, types });
  expect(await engine.rows(sql`SELECT a, b, c, d, e FROM ${relation.sql}`)).toEqual([
    { a: 2, b: Number.NaN, c: 2000, d: 1, e: 2.5 },
    { a: null, b: Number.NaN, c: 2000, d: 1, e: 2.5 },
    { a: 9007199254740992n, b: Number.NaN, c: 2000, d: 1, e: 2.5 },
  ]);
});

test("keys of JSON may look like numbered ones", async () => {
  const { rows } = await read({ path: scratchFile("x.ndjson", '{"a":1,"a_1":2}\n') });
  expect(rows).toEqual([{ a: 1, a_1: 2 }]);
});
