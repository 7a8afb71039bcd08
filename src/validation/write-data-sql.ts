import { lit, raw, type Sql, sql } from "../table/sql.ts";

/** What data can be written as, beside Parquet. */
export type TextFormat = "csv" | "tsv" | "json" | "ndjson";

const OPTIONS: Readonly<Record<TextFormat, string>> = {
  csv: "FORMAT csv, HEADER",
  tsv: "FORMAT csv, HEADER, DELIMITER e'\\t'",
  json: "FORMAT json, ARRAY true",
  ndjson: "FORMAT json",
};

/** Without DuckDB's own temporary file, so that the mode of the file that is there stays. */
export function copyToText(query: Sql, path: string, format: TextFormat): Sql {
  return sql`COPY (${query}) TO ${lit(path)} (${raw(OPTIONS[format])}, USE_TMP_FILE false)`;
}
