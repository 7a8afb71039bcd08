import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DuetMindError } from "../core/errors.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import type { Engine } from "../table/engine.ts";
import { writeScan } from "../table/parquet-write.ts";
import { copyTextQuery } from "./copy-text-sql.ts";
import type { DatabaseColumn } from "./database-rows.ts";
import { type LineFile, spoolLines } from "./spool-lines.ts";

/**
 * Rows of COPY's text format → Parquet files in their order, as many as it takes. One block of lines
 * is parsed and compressed by DuckDB while the next one goes to disk, so the disk holds two of them and
 * memory what DuckDB needs. Blocks are cut by content alone: the same rows make the same files.
 */
export async function writeParts(
  engine: Engine,
  lines: AsyncIterable<Buffer>,
  columns: readonly DatabaseColumn[],
  folder: string,
  target: Readonly<{ subject: string; signal: AbortSignal }>,
): Promise<string[]> {
  const parts: string[] = [];
  let converting = Promise.resolve();
  const convert = async ({ path, longestLine }: LineFile, part: string): Promise<void> => {
    const query = copyTextQuery(path, columns, longestLine);
    await writeScan(engine, query, part).catch((error: unknown) => {
      throw fromConversion(error, columns, target.subject);
    });
    await rm(path);
  };
  const partName = (i: number) => join(folder, `${String(i + 1).padStart(5, "0")}.parquet`);
  for await (const block of spoolLines(lines, (i) => `${partName(i)}.copy`)) {
    throwIfInterrupted(target.signal);
    await converting;
    const part = partName(parts.length);
    parts.push(part);
    converting = convert(block, part);
    converting.catch(() => {}); // awaited before the next block, or at the end
  }
  await converting;
  return parts;
}

const CONVERSION =
  /Error when converting column "(?<name>[^"]*)"\. Could not convert string "(?<value>[^"]*)"/;

/** A value that its column's type cannot hold, such as the NaN of a numeric. */
function fromConversion(
  error: unknown,
  columns: readonly DatabaseColumn[],
  subject: string,
): unknown {
  const cause = error instanceof DuetMindError ? error.details.cause : error;
  if (!(cause instanceof Error)) return error;
  const { name, value } = cause.message.match(CONVERSION)?.groups ?? {};
  const column = columns.find((each) => each.name === name);
  if (column === undefined) {
    if (!/Invalid unicode|not utf-?8 encoded/i.test(cause.message)) return error;
    return new DuetMindError(
      "BAD_INPUT",
      `${subject}: expected text in UTF-8, got bytes that it does not have`,
      { hint: "convert the column in a query", cause },
    );
  }
  return new DuetMindError(
    "COLUMN_TYPE",
    `${subject}: column "${column.name}": expected ${column.type}, got "${value}"`,
    { hint: hintFor(column), cause },
  );
}

/** Of a decimal that `types:` declares as another type the text is handed on; of others it is not. */
function hintFor({ name, type }: DatabaseColumn): string {
  if (type.startsWith("DECIMAL"))
    return "cast the column in a query, or declare another type in types:";
  return `cast the column to text in a query, or put null there, as nullif(${name}, …)`;
}
