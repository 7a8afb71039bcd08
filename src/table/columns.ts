import type { DuckDBDataChunk } from "@duckdb/node-api";
import type { Engine } from "./engine.ts";
import { id, join, type Sql, sql } from "./sql.ts";

export type NumberColumn = Readonly<{ name: string; kind: "number"; values: Float64Array }>;
export type TextColumn = Readonly<{
  name: string;
  kind: "text";
  /** Place in the dictionary, -1 for null. */
  codes: Int32Array;
  /** Distinct values in code point order. */
  dictionary: readonly string[];
}>;
export type Column = NumberColumn | TextColumn;
export type Columns = Readonly<{ rowCount: number; columns: readonly Column[] }>;

const NUMBERS = /^(BOOLEAN|U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*)$/;

/** Reads a query into typed arrays: numbers and booleans as doubles (null is NaN), the rest as text. */
export async function readColumns(engine: Engine, query: Sql): Promise<Columns> {
  const described = await engine.rows(sql`DESCRIBE ${query}`);
  const names = described.map((row) => String(row["column_name"]));
  const isNumber = described.map((row) => NUMBERS.test(String(row["column_type"])));
  const table = id(engine.freshName());
  await engine.run(sql`CREATE TABLE ${table} AS ${query}`);
  try {
    return await readTable(engine, table, names, isNumber);
  } finally {
    await engine.run(sql`DROP TABLE ${table}`);
  }
}

async function readTable(
  engine: Engine,
  table: Sql,
  names: readonly string[],
  isNumber: readonly boolean[],
): Promise<Columns> {
  const [count] = await engine.rows(sql`SELECT count(*) AS n FROM ${table}`);
  const rowCount = Number(count!["n"]);
  const columns: Column[] = [];
  const selected: Sql[] = [];
  for (const [i, name] of names.entries()) {
    if (isNumber[i]) {
      columns.push({ name, kind: "number", values: new Float64Array(rowCount) });
      selected.push(sql`coalesce(${id(name)}::DOUBLE, 'nan'::DOUBLE)`);
      continue;
    }
    const distinct = await engine.rows(
      sql`SELECT DISTINCT ${id(name)}::VARCHAR AS v FROM ${table} WHERE ${id(name)} IS NOT NULL ORDER BY v`,
    );
    const dictionary = distinct.map((row) => String(row["v"]));
    columns.push({ name, kind: "text", codes: new Int32Array(rowCount), dictionary });
    selected.push(sql`${id(name)}::VARCHAR`);
  }
  const places = columns.map((c) =>
    c.kind === "text" ? new Map(c.dictionary.map((value, place) => [value, place])) : undefined,
  );
  let offset = 0;
  for await (const chunk of engine.stream(sql`SELECT ${join(selected)} FROM ${table}`)) {
    copyChunk(chunk, columns, places, offset);
    offset += chunk.rowCount;
  }
  return { rowCount, columns };
}

function copyChunk(
  chunk: DuckDBDataChunk,
  columns: readonly Column[],
  places: readonly (ReadonlyMap<string, number> | undefined)[],
  offset: number,
): void {
  for (const [i, column] of columns.entries()) {
    const values = chunk.getColumnValues(i);
    if (column.kind === "number") column.values.set(values as number[], offset);
    else {
      for (let k = 0; k < values.length; k++) {
        const value = values[k];
        column.codes[offset + k] = value === null ? -1 : places[i]!.get(String(value))!;
      }
    }
  }
}
