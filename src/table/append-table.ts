import type { DuckDBType } from "@duckdb/node-api";
import { fromDuckDbError } from "./duckdb-error.ts";
import type { Engine } from "./engine.ts";
import { id, join, raw, type Sql, sql } from "./sql.ts";

export type AppendColumn = Readonly<{ name: string; type: "BIGINT" | "INTEGER" | "DOUBLE" }>;

/** A table of the engine that is filled from typed arrays; NaN is NULL. */
export type AppendTable = Readonly<{
  /** The table, for FROM; its rows are there after `close`. */
  sql: Sql;
  append(columns: readonly ArrayLike<number>[], rowCount: number): void;
  close(): void;
}>;

const ROWS_A_CHUNK = 2048; // the engine's own vector size

/** Makes an empty table of numbers and opens it for appending. */
export async function openAppendTable(
  engine: Engine,
  columns: readonly AppendColumn[],
): Promise<AppendTable> {
  const { DuckDBDataChunk, BIGINT, INTEGER, DOUBLE } = await import("@duckdb/node-api");
  const name = engine.freshName();
  const declared = columns.map((column) => sql`${id(column.name)} ${raw(column.type)}`);
  await engine.run(sql`CREATE TABLE ${id(name)} (${join(declared)})`);
  const appender = await engine.openAppender(name);
  const types: DuckDBType[] = columns.map(({ type }) => ({ BIGINT, INTEGER, DOUBLE })[type]);
  return {
    sql: id(name),
    append(values, rowCount) {
      for (let start = 0; start < rowCount; start += ROWS_A_CHUNK) {
        const rows = Math.min(ROWS_A_CHUNK, rowCount - start);
        const chunk = DuckDBDataChunk.create(types, rows);
        columns.forEach(({ type }, i) => {
          chunk.setColumnValues(i, toValues(values[i]!, start, rows, type === "BIGINT"));
        });
        try {
          appender.appendDataChunk(chunk);
        } catch (error) {
          throw fromDuckDbError(error);
        }
      }
    },
    close: () => appender.closeSync(),
  };
}

function toValues(
  values: ArrayLike<number>,
  start: number,
  rows: number,
  isBig: boolean,
): (number | bigint | null)[] {
  return Array.from({ length: rows }, (_, i) => {
    const value = values[start + i]!;
    if (Number.isNaN(value)) return null;
    return isBig ? BigInt(value) : value;
  });
}
