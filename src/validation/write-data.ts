import type { Engine } from "../table/engine.ts";
import { writeParquet } from "../table/parquet-write.ts";
import type { DataFormat } from "../table/source-params.ts";
import type { Sql } from "../table/sql.ts";
import { copyToText } from "./write-data-sql.ts";

/** Writes the rows of an ordered query in the format that the name of a file asks for. */
export async function writeData(
  engine: Engine,
  query: Sql,
  path: string,
  format: DataFormat,
): Promise<void> {
  if (format === "parquet") await writeParquet(engine, query, path);
  else await engine.run(copyToText(query, path, format));
}
