import { expect, test } from "vitest";
import { viewColumn } from "../../src/table/chunk-values.ts";
import { readColumns, streamColumns } from "../../src/table/columns.ts";
import { sql } from "../../src/table/sql.ts";
import { scratchEngine } from "./scratch.ts";

const QUERY = sql`SELECT
  CASE WHEN i % 3 = 0 THEN NULL ELSE i / 2 END::DOUBLE AS f,
  CASE WHEN i % 5 = 0 THEN NULL ELSE i END::BIGINT AS n,
  i % 2 = 0 AS b,
  CASE WHEN i % 7 = 0 THEN NULL ELSE chr((97 + i % 4)::INTEGER) END AS s,
  NULL::VARCHAR AS none
  FROM range(5000) AS r(i) ORDER BY i`;

test("numbers, booleans and text of many chunks, with their nulls", async () => {
  const engine = await scratchEngine();
  const { rowCount, columns } = await readColumns(engine, QUERY);
  expect(rowCount).toBe(5000);
  expect(columns.map(({ name, kind }) => [name, kind])).toEqual([
    ["f", "number"],
    ["n", "number"],
    ["b", "number"],
    ["s", "text"],
    ["none", "text"],
  ]);
  const [f, n, b, s, none] = columns;
  for (let i = 0; i < 5000; i++) {
    if (f?.kind !== "number" || n?.kind !== "number" || b?.kind !== "number") throw new Error();
    if (s?.kind !== "text" || none?.kind !== "text") throw new Error();
    expect(f.values[i]).toBe(i % 3 === 0 ? Number.NaN : i / 2);
    expect(n.values[i]).toBe(i % 5 === 0 ? Number.NaN : i);
    expect(b.values[i]).toBe(i % 2 === 0 ? 1 : 0);
    expect(s.codes[i]).toBe(i % 7 === 0 ? -1 : i % 4);
    expect(none.codes[i]).toBe(-1);
  }
  if (s?.kind !== "text" || none?.kind !== "text") throw new Error();
  expect(s.dictionary).toEqual(["a", "b", "c", "d"]);
  expect(none.dictionary).toEqual([]);
});

test("pieces put together are the whole, and no table or type stays behind", async () => {
  const engine = await scratchEngine();
  let sum = 0;
  let rows = 0;
  await streamColumns(engine, QUERY, ({ rowCount, columns }) => {
    rows += rowCount;
    const [f] = columns;
    if (f?.kind === "number") for (const value of f.values) if (!Number.isNaN(value)) sum += value;
  });
  expect(rows).toBe(5000);
  const [expected] = await engine.rows(sql`SELECT sum(f) AS sum FROM (${QUERY})`);
  expect(sum).toBe(expected!["sum"]);
  expect(await engine.rows(sql`SELECT table_name FROM duckdb_tables()`)).toEqual([]);
  const enums = sql`SELECT type_name FROM duckdb_types() WHERE logical_type = 'ENUM' AND NOT internal`;
  expect(await engine.rows(enums)).toEqual([]);
});

test("a query without rows has its columns", async () => {
  const engine = await scratchEngine();
  const { rowCount, columns } = await readColumns(
    engine,
    sql`SELECT 1.5 AS f, 'x' AS s WHERE FALSE`,
  );
  expect([rowCount, columns.map((column) => column.kind)]).toEqual([0, ["number", "text"]]);
});

test("the pinned engine has the shape that the fast way needs", async () => {
  const engine = await scratchEngine();
  const query = sql`SELECT 1.5::DOUBLE AS f, 2::BIGINT AS n, NULL::INTEGER AS i, 'x' AS s`;
  for await (const chunk of engine.stream(query)) {
    expect(viewColumn(chunk, 0)).toEqual({ items: Float64Array.of(1.5), validity: null });
    expect(viewColumn(chunk, 1)).toEqual({ items: BigInt64Array.of(2n), validity: null });
    expect(viewColumn(chunk, 2)!.validity!.bytes[0]! & 1).toBe(0);
    expect(viewColumn(chunk, 3)).toBeUndefined();
  }
});
