import { join } from "node:path";
import { expect, test } from "vitest";
import { countDuplicates } from "../../src/table/count-relation.ts";
import { dataDigest } from "../../src/table/data-digest.ts";
import { measureRelation } from "../../src/table/measure-relation.ts";
import { writeParquet } from "../../src/table/parquet-write.ts";
import { scanRelation } from "../../src/table/scan-relation.ts";
import { schemaHash } from "../../src/table/schema-hash.ts";
import { openSource } from "../../src/table/source.ts";
import { lit, type Sql, sql } from "../../src/table/sql.ts";
import { scratchEngine, scratchFile, scratchFolder } from "./scratch.ts";

const ROWS = "id,x,s,ok\n1,1.5,a,true\n2,,b,false\n3,2.5,,true\n";

async function digestOf(content: string, threads = 2) {
  const engine = await scratchEngine({ threads });
  return dataDigest(engine, await openSource(engine, { path: scratchFile("x.csv", content) }));
}

test("the digest is that of the values: file format and writer do not matter", async () => {
  const engine = await scratchEngine();
  const relation = await openSource(engine, { path: scratchFile("x.csv", ROWS) });
  const digest = await dataDigest(engine, relation);
  for (const options of ["COMPRESSION snappy", "COMPRESSION zstd, ROW_GROUP_SIZE 2048"]) {
    const path = join(scratchFolder(), "x.parquet");
    const copy: Sql = sql`COPY (FROM ${relation.sql}) TO ${lit(path)}`;
    await engine.run({ ...copy, text: `${copy.text} (FORMAT parquet, ${options})` });
    expect(await dataDigest(engine, await openSource(engine, { path }))).toBe(digest);
  }
});

test("the digest alone is that of the pass with statistics, with nulls, NaN and several chunks", async () => {
  const engine = await scratchEngine();
  const lines = Array.from({ length: 6000 }, (_, i) =>
    [i, i % 7 === 0 ? "" : i / 3, i === 4500 ? "NaN" : i / 2, i === 10 ? "" : i % 2 === 0].join(),
  );
  const content = `id,gaps,nan,ok\n${lines.join("\n")}\n`;
  const relation = await openSource(engine, { path: scratchFile("x.csv", content) });
  const { dataDigest: withStatistics } = await measureRelation(engine, relation);
  expect(await dataDigest(engine, relation)).toBe(withStatistics);
});

test("any change of a value, a null, a name, a type or the order changes it", async () => {
  const digests = await Promise.all(
    [
      ROWS,
      ROWS.replace("1.5", "1.25"),
      ROWS.replace("2,,b", "2,0,b"),
      ROWS.replace("3,2.5,,", "3,2.5,b,"),
      ROWS.replace("id,x", "id,y"),
      "id,x,s,ok\n2,,b,false\n1,1.5,a,true\n3,2.5,,true\n",
      ROWS.replace("true\n2", "false\n2"),
    ].map((content) => digestOf(content)),
  );
  expect(new Set(digests).size).toBe(digests.length);
});

test("threads do not matter for digest, mean and std", async () => {
  const lines = Array.from({ length: 60_000 }, (_, i) => `${Math.sqrt(i)},S${i % 3}`);
  const path = scratchFile("x.csv", `v,s\n${lines.join("\n")}\n`);
  const scans = [];
  for (const threads of [1, 4]) {
    const engine = await scratchEngine({ threads });
    scans.push(await scanRelation(engine, await openSource(engine, { path })));
  }
  expect(scans[1]).toEqual(scans[0]);
});

// Python 3.11.7, statistics.fmean and statistics.stdev (exact fractions inside)
test.each([
  [[1.5, 2.25, -3, 1e6, 7], 200001.55, 447212.7290376751],
  [[1e9 + 1, 1e9 + 2, 1e9 + 4], 1000000002.3333334, 1.5275252316519468],
])("mean and std of %j are Python's", async (values, mean, std) => {
  const engine = await scratchEngine();
  const path = scratchFile("x.csv", `v\n${values.join("\n")}\n`);
  const [column] = (await scanRelation(engine, await openSource(engine, { path }))).columns;
  expect(column!.mean).toBeCloseTo(mean, 6);
  expect(Math.abs(column!.std! / std - 1)).toBeLessThan(1e-12);
});

test("counts: missing, NaN, distinct, duplicates by row and by key", async () => {
  const engine = await scratchEngine();
  const content = "k,v,s\n1,1.5,a\n1,1.5,a\n1,2.5,\n2,NaN,b\n3,,b\n";
  const relation = await openSource(engine, { path: scratchFile("x.csv", content) });
  const { columns } = await measureRelation(engine, relation);
  expect(columns.map(({ missing, distinct }) => [missing, distinct])).toEqual([
    [0, 3],
    [2, null],
    [1, 2],
  ]);
  const byRow = await countDuplicates(engine, relation, columns, undefined);
  expect(byRow).toEqual({ duplicateRows: 1, presentCells: 9 });
  const byKey = await countDuplicates(engine, relation, columns, ["k"]);
  expect(byKey).toEqual({ duplicateRows: 2, presentCells: 7 });
});

test("distinct values are counted exactly up to a thousand, wherever in the rows they are", async () => {
  const engine = await scratchEngine();
  // DuckDB 1.5.6 estimates 1,249 values of `few` and 1,281 of `texts`; the first rows of `late` hold one
  const rows = sql`SELECT i % 1000 AS few, 'b' || greatest(0, i - 50000) % 1000 AS late,
    'b' || i % 1000 AS texts, i % 60000 AS many FROM range(120000) r(i) ORDER BY i`;
  const path = join(scratchFolder(), "x.parquet");
  await writeParquet(engine, rows, path);
  const { columns } = await measureRelation(engine, await openSource(engine, { path }));
  const [few, late, texts, many] = columns.map(({ distinct }) => distinct!);
  expect([few, late, texts]).toEqual([1000, 1000, 1000]);
  expect(Math.abs(many! / 60_000 - 1)).toBeLessThan(0.4);
});

test("a column that increases is known to, and saves the comparison of rows", async () => {
  const engine = await scratchEngine();
  const content = "up,flat,gap,down,s\n1,1,1,3,a\n2,1,,2,a\n3,2,3,1,a\n";
  const relation = await openSource(engine, { path: scratchFile("x.csv", content) });
  const { columns } = await measureRelation(engine, relation);
  expect(columns.filter(({ isIncreasing }) => isIncreasing).map(({ name }) => name)).toEqual([
    "up",
  ]);
  const unknown = columns.map((column) => ({ ...column, isIncreasing: false }));
  for (const key of [undefined, ["up", "s"]]) {
    const told = await countDuplicates(engine, relation, columns, key);
    expect(told).toEqual(await countDuplicates(engine, relation, unknown, key));
  }
  const bySite = await countDuplicates(engine, relation, columns, ["s"]);
  expect(bySite.duplicateRows).toBe(2);
});

test("the schema hash knows names and types, in order, and nothing else", () => {
  const a = { name: "a", type: "int64", duckdbType: "BIGINT" };
  const b = { name: "b", type: "str", duckdbType: "VARCHAR" };
  expect(schemaHash([a, b])).toBe(schemaHash([{ ...a, duckdbType: "x" } as typeof a, b]));
  expect(schemaHash([a, b])).not.toBe(schemaHash([b, a]));
  expect(schemaHash([a, b])).not.toBe(schemaHash([{ ...a, type: "int32" }, b]));
});

test("times that nanoseconds cannot hold, such as 9999-12-31, are told apart", async () => {
  const engine = await scratchEngine();
  const digests = [];
  for (const end of ["9999-12-31", "9999-12-30", "infinity", "-infinity"]) {
    const path = join(scratchFolder(), "x.parquet");
    const moments = sql`SELECT unnest([DATE '2024-01-01', ${lit(end)}::DATE]) AS d, unnest([TIMESTAMPTZ '2024-01-01', ${lit(end)}::TIMESTAMPTZ]) AS t`;
    await writeParquet(engine, sql`${moments} ORDER BY d`, path);
    const { columns, dataDigest } = await scanRelation(engine, await openSource(engine, { path }));
    digests.push(dataDigest);
    const isFirst = end === "-infinity";
    expect(columns[0]).toMatchObject(
      isFirst ? { min: "-infinity", max: "2024-01-01" } : { min: "2024-01-01", max: end },
    );
  }
  expect(new Set(digests).size).toBe(4);
});
