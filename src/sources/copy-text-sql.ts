import { id, join, lit, raw, type Sql, sql } from "../table/sql.ts";
import type { ColumnType, DatabaseColumn } from "./database-rows.ts";

/** DuckDB refuses longer lines unless told; its buffer must hold one. */
const LINE_BYTES = 1 << 21;
const BUFFER_BYTES = 1 << 25;

/** Reads a file of COPY's text format (copy-text.ts) into columns of their types. */
export function copyTextQuery(
  path: string,
  columns: readonly DatabaseColumn[],
  longestLine: number,
): Sql {
  const declared = columns.map(({ name, type }) => sql`${lit(name)}: ${lit(readAs(type))}`);
  const fields = columns.length === 1 ? [...declared, sql`${lit(FILLER)}: 'VARCHAR'`] : declared;
  const line = Math.max(LINE_BYTES, powerOfTwo(longestLine));
  const buffer = Math.max(BUFFER_BYTES, 2 * line);
  const selected = columns.map(({ name, type }) => sql`${convert(id(name), type)} AS ${id(name)}`);
  return sql`SELECT ${join(selected)} FROM read_csv(${lit(path)}, auto_detect = false, header = false, delim = '\t', quote = '', escape = '', comment = '', nullstr = '\\N', new_line = '\\n', max_line_size = ${lit(line)}, buffer_size = ${lit(buffer)}, columns = {${join(fields)}})`;
}

/** The empty second field of rows of one column (copy-text.ts). */
const FILLER = "\u0001";

function readAs(type: ColumnType): string {
  return type === "BLOB" || type === "DATE" ? "VARCHAR" : type;
}

function convert(field: Sql, type: ColumnType): Sql {
  if (type === "BLOB") return sql`unhex(${field})`;
  // DuckDB writes the era in brackets, and drops it silently without them
  if (type === "DATE") {
    return sql`CASE WHEN ends_with(${field}, ' BC') THEN (${field}[:-4] || ' (BC)')::DATE ELSE ${field}::DATE END`;
  }
  return type === "VARCHAR" ? unescaped(field) : field;
}

const ESCAPES = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v" };

/** Split at escaped backslashes first, so that what follows one is not taken for an escape. */
function unescaped(field: Sql): Sql {
  let part = raw("part");
  for (const [letter, character] of Object.entries(ESCAPES)) {
    part = sql`replace(${part}, ${lit(`\\${letter}`)}, ${lit(character)})`;
  }
  return sql`CASE WHEN contains(${field}, '\\') THEN array_to_string(list_transform(string_split(${field}, '\\\\'), lambda part: ${part}), '\\') ELSE ${field} END`;
}

function powerOfTwo(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, bytes)));
}
