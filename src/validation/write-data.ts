import { DuetMindError } from "../core/errors.ts";
import type { Engine } from "../table/engine.ts";
import { writeParquet } from "../table/parquet-write.ts";
import { formatOf } from "../table/source-files.ts";
import type { Sql } from "../table/sql.ts";
import { copyToText, type TextFormat } from "./write-data-sql.ts";

export type WrittenFormat = TextFormat | "parquet";

/** The format that the name of a file to be written asks for. */
export function writtenFormatOf(path: string): WrittenFormat {
  const format = formatOf(path);
  if (format !== "xlsx") return format;
  throw new DuetMindError(
    "USAGE",
    `${path}: expected a name ending in .csv, .tsv, .parquet, .json, .ndjson, got .xlsx, which is only read`,
    { file: path },
  );
}

/** Writes the rows of an ordered query in the format that the name of a file asks for. */
export async function writeData(
  engine: Engine,
  query: Sql,
  path: string,
  format: WrittenFormat,
): Promise<void> {
  if (format === "parquet") await writeParquet(engine, query, path);
  else await engine.run(copyToText(query, path, format));
}
