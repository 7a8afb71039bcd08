import type { MigrationConnection } from "./migrate.ts";

/** How values are spelled while they are dumped and loaded; every name is written with its schema. */
export const DUMP_SETTINGS = [
  "SET LOCAL search_path TO pg_catalog",
  "SET LOCAL datestyle TO 'ISO, YMD'",
  "SET LOCAL intervalstyle TO 'postgres'",
  "SET LOCAL timezone TO 'UTC'",
  "SET LOCAL bytea_output TO 'hex'",
  "SET LOCAL extra_float_digits TO 1",
].join("; ");

/** A connection whose rows may also be asked for as text, one array a row. */
export type RowConnection = MigrationConnection &
  Readonly<{
    query(query: TextQuery): Promise<{ rows: unknown[] }>;
  }>;

type TextQuery = Readonly<{
  text: string;
  rowMode: "array";
  types: Readonly<{ getTypeParser: () => (text: string) => string }>;
}>;

/** A query whose values come as PostgreSQL spells them. */
export function asText(text: string): TextQuery {
  return { text, rowMode: "array", types: { getTypeParser: () => (value) => value } };
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A table or sequence of ours. */
export function ownName(name: string): string {
  return `duetmind.${quoteName(name)}`;
}
