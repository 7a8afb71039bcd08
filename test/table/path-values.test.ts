import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { readPathValues } from "../../src/table/path-values.ts";
import { ROW_NUMBER } from "../../src/table/relation.ts";
import { openSource, type SourceFile } from "../../src/table/source.ts";
import { id, lit, sql } from "../../src/table/sql.ts";
import { scratchEngine, scratchFolder } from "./scratch.ts";

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = scratchFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

async function read(source: SourceFile) {
  const engine = await scratchEngine();
  const relation = await openSource(engine, source);
  const types = relation.columns.map(({ name, type }) => `${name} ${type}`);
  const rows = await engine.rows(sql`FROM ${relation.numbered} ORDER BY ${id(ROW_NUMBER)}`);
  return { types, rows: rows.map((row) => relation.columns.map(({ name }) => row[name])) };
}

test.each([
  ["/d/heart-{site}.csv", "/d/heart-va.csv", { site: "va" }],
  ["/d/{year}/{month}/*.csv", "/d/2024/05/x.csv", { year: "2024", month: "05" }],
  ["/d/{a}-{b}.csv", "/d/x-y-z.csv", { a: "x", b: "y-z" }],
  ["/d/**/{name}.csv", "/d/p/q/n.csv", { name: "n" }],
  ["/d/[ab]?.{x}.csv", "/d/b1.k.csv", { x: "k" }],
  ["/d/year=*/x.csv", "/d/year=2024/x.csv", { year: "2024" }],
  ["/d", "/d/a=1/b=x%20y%2Fz/p.parquet", { a: "1", b: "x y/z" }],
  ["/d", "/d/a=__HIVE_DEFAULT_PARTITION__/p.parquet", { a: null }],
  ["/k=v/*.csv", "/k=v/x.csv", {}], // above the wildcard: not of the source
  ["s3://b/p/*.parquet", "s3://b/p/x.parquet", {}],
  ["s3://b/p/**/*.parquet", "s3://b/p/day=3/x.parquet", { day: "3" }],
])("%s, %s", (pattern, path, values) => {
  const found = readPathValues(pattern, path).map(({ column, value }) => [column, value]);
  expect(Object.fromEntries(found)).toEqual(values);
});

test("{name} in the path becomes a column of every format, typed by content", async () => {
  const folder = folderOf({
    "heart-va.csv": "age\n1\n",
    "heart-cleveland.csv": "age\n2\n3\n",
    "7.ndjson": '{"age": 1}\n',
    "12.ndjson": '{"age": 2}\n',
  });
  expect(await read({ path: join(folder, "heart-{hospital}.csv") })).toEqual({
    types: ["age int64", "hospital str"],
    rows: [
      [2, "cleveland"],
      [3, "cleveland"],
      [1, "va"],
    ],
  });
  expect(await read({ path: join(folder, "{site}.ndjson") })).toEqual({
    types: ["age int64", "site int64"],
    rows: [
      [2, 12],
      [1, 7],
    ],
  });
  const { types } = await read({ path: join(folder, "{site}.ndjson"), types: { site: "str" } });
  expect(types).toEqual(["age int64", "site str"]);
});

test("Parquet: a partition column that the files repeat is taken from them", async () => {
  const engine = await scratchEngine();
  const folder = folderOf({ "year=2024/month=01/.keep": "", "year=2024/month=02/.keep": "" });
  for (const month of ["01", "02"]) {
    const path = lit(join(folder, `year=2024/month=${month}/p.parquet`));
    await engine.run(sql`COPY (SELECT 1 AS v, 2024::SMALLINT AS year) TO ${path}`);
  }
  expect(await read({ path: folder })).toEqual({
    types: ["v int32", "year int16", "month int64"],
    rows: [
      [1, 2024, 1],
      [1, 2024, 2],
    ],
  });
});

test("a folder named key=value above a source adds no column", async () => {
  const engine = await scratchEngine();
  const folder = folderOf({ "run=1/x.csv": "a\n1\n", "run=1/x.json": '[{"a": 1}]' });
  const parquet = join(folder, "run=1/x.parquet");
  await engine.run(sql`COPY (SELECT 1::BIGINT AS a) TO ${lit(parquet)}`);
  for (const name of ["x.csv", "x.json", "x.parquet"]) {
    expect(await read({ path: join(folder, "run=1", name) })).toEqual({
      types: ["a int64"],
      rows: [[1]],
    });
  }
});

test.each([
  [
    "folders of other keys",
    { "year=2024/a.csv": "v\n1\n", "month=1/b.csv": "v\n1\n" },
    "",
    "FOLDER/year=2024/a.csv: expected the partition columns of FOLDER/month=1/b.csv (month), got year",
  ],
  [
    "a file beside partitions",
    { "a.csv": "v\n1\n", "year=2024/b.csv": "v\n1\n" },
    "",
    "FOLDER/year=2024/b.csv: expected the partition columns of FOLDER/a.csv (none), got year",
  ],
  [
    "a {name} that the file has",
    { "x-1.csv": "v\n1\n" },
    "x-{v}.csv",
    "FOLDER/x-1.csv: expected {v} of the path to be a new column, got one that the file has",
  ],
  [
    "a {name} twice",
    { "x-1.csv": "v\n1\n" },
    "{x}-{x}.csv",
    "FOLDER/{x}-{x}.csv: expected each {name} once, got {x} twice",
  ],
  [
    "several formats",
    { "a.csv": "v\n1\n", "b.ndjson": '{"v": 1}\n' },
    "",
    "FOLDER/b.ndjson: expected csv like FOLDER/a.csv, got ndjson",
  ],
])("%s", async (_, files, pattern, message) => {
  const folder = folderOf(files);
  const error = await read({ path: join(folder, pattern) }).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ code: "BAD_INPUT", exitCode: 2 });
  expect((error as Error).message.replaceAll(folder, "FOLDER")).toBe(message);
});

test("a value of a path that is not of its declared type", async () => {
  const folder = folderOf({ "x-one.csv": "v\n1\n" });
  const source = { path: join(folder, "x-{n}.csv"), types: { n: "int64" } };
  await expect(read(source)).rejects.toMatchObject({
    code: "COLUMN_TYPE",
    message: expect.stringContaining('expected values of the declared type, got "one"'),
  });
});
