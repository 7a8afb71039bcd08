import { copyCodes, copyNumbers } from "./chunk-values.ts";
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

type Shape = Readonly<{ name: string; dictionary: readonly string[] | null; select: Sql }>;

/** Reads a query into typed arrays: numbers and booleans as doubles (null is NaN), the rest as text. */
export async function readColumns(engine: Engine, query: Sql): Promise<Columns> {
  let columns: Column[] | undefined;
  let capacity = 0;
  let rowCount = 0;
  await streamColumns(engine, query, (chunk, total) => {
    if (columns === undefined) {
      capacity = total;
      columns = chunk.columns.map((column) => emptyColumn(column, capacity));
    }
    for (const [i, column] of chunk.columns.entries()) {
      const target = columns[i]!;
      if (column.kind === "number") (target as NumberColumn).values.set(column.values, rowCount);
      else (target as TextColumn).codes.set(column.codes, rowCount);
    }
    rowCount += chunk.rowCount;
  });
  return { rowCount, columns: columns ?? [] };
}

function emptyColumn(column: Column, rows: number): Column {
  if (column.kind === "number") return { ...column, values: new Float64Array(rows) };
  return { ...column, codes: new Int32Array(rows) };
}

/**
 * The same, piece by piece in the order of the query, for bounded memory. The arrays of a piece are
 * used again for the next one. Dictionaries are those of the whole result; for them it is kept in a
 * table first, while numbers alone are streamed as the query makes them.
 */
export async function streamColumns(
  engine: Engine,
  query: Sql,
  visit: (piece: Columns, totalRows: number) => void | Promise<void>,
): Promise<void> {
  const described = await describe(engine, query);
  if (described.every(({ isNumber }) => isNumber)) {
    const shapes = described.map(({ name }) => toNumberShape(name));
    return streamShapes(engine, sql`(${query})`, shapes, visit);
  }
  const table = id(engine.freshName());
  await engine.run(sql`CREATE TABLE ${table} AS ${query}`);
  const types: Sql[] = [];
  try {
    const shapes = await planShapes(engine, table, described, types);
    await streamShapes(engine, table, shapes, visit);
  } finally {
    await engine.run(sql`DROP TABLE ${table}`);
    for (const type of types) await engine.run(sql`DROP TYPE ${type}`);
  }
}

async function streamShapes(
  engine: Engine,
  from: Sql,
  shapes: readonly Shape[],
  visit: (piece: Columns, totalRows: number) => void | Promise<void>,
): Promise<void> {
  const [count] = await engine.rows(sql`SELECT count(*) AS n FROM ${from}`);
  const totalRows = Number(count!["n"]);
  const buffers = shapes.map(toBuffer);
  const selected = join(shapes.map((shape) => shape.select));
  await visit({ rowCount: 0, columns: buffers.map((column) => slice(column, 0)) }, totalRows);
  for await (const chunk of engine.stream(sql`SELECT ${selected} FROM ${from}`)) {
    for (const [i, column] of buffers.entries()) {
      if (column.kind === "number") copyNumbers(chunk, i, column.values, 0);
      else copyCodes(chunk, i, column.codes, 0);
    }
    const { rowCount } = chunk;
    await visit({ rowCount, columns: buffers.map((column) => slice(column, rowCount)) }, totalRows);
  }
}

const VECTOR_ROWS = 2048;

function toBuffer(shape: Shape): Column {
  return shape.dictionary === null
    ? { name: shape.name, kind: "number", values: new Float64Array(VECTOR_ROWS) }
    : {
        name: shape.name,
        kind: "text",
        codes: new Int32Array(VECTOR_ROWS),
        dictionary: shape.dictionary,
      };
}

function slice(column: Column, rows: number): Column {
  if (column.kind === "number") return { ...column, values: column.values.subarray(0, rows) };
  return { ...column, codes: column.codes.subarray(0, rows) };
}

type Described = Readonly<{ name: string; isNumber: boolean }>;

async function describe(engine: Engine, query: Sql): Promise<Described[]> {
  const rows = await engine.rows(sql`DESCRIBE ${query}`);
  return rows.map((row) => ({
    name: String(row["column_name"]),
    isNumber: NUMBERS.test(String(row["column_type"])),
  }));
}

function toNumberShape(name: string): Shape {
  return { name, dictionary: null, select: sql`${id(name)}::DOUBLE` };
}

/** Text goes through an ENUM: DuckDB then hands out small integers instead of strings. */
async function planShapes(
  engine: Engine,
  table: Sql,
  described: readonly Described[],
  types: Sql[],
): Promise<Shape[]> {
  const shapes: Shape[] = [];
  for (const { name, isNumber } of described) {
    if (isNumber) {
      shapes.push(toNumberShape(name));
      continue;
    }
    const column = id(name);
    const distinct = sql`SELECT DISTINCT ${column}::VARCHAR AS v FROM ${table} WHERE ${column} IS NOT NULL ORDER BY v`;
    const dictionary = (await engine.rows(distinct)).map((found) => String(found["v"]));
    if (dictionary.length === 0) {
      shapes.push({ name, dictionary, select: sql`NULL::INTEGER` });
      continue;
    }
    const type = id(engine.freshName());
    await engine.run(sql`CREATE TYPE ${type} AS ENUM (${distinct})`);
    types.push(type);
    shapes.push({ name, dictionary, select: sql`${column}::VARCHAR::${type}` });
  }
  return shapes;
}
