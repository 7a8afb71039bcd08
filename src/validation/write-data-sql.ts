import type { DataFormat } from "../table/source-params.ts";
import { lit, raw, type Sql, sql } from "../table/sql.ts";

const OPTIONS: Readonly<Record<Exclude<DataFormat, "parquet">, string>> = {
  csv: "FORMAT csv, HEADER",
  tsv: "FORMAT csv, HEADER, DELIMITER e'\\t'",
  json: "FORMAT json, ARRAY true",
  ndjson: "FORMAT json",
};

/** Without DuckDB's own temporary file, so that the mode of the file that is there stays. */
export function copyToText(query: Sql, path: string, format: Exclude<DataFormat, "parquet">): Sql {
  return sql`COPY (${query}) TO ${lit(path)} (${raw(OPTIONS[format])}, USE_TMP_FILE false)`;
}
