import type { FieldPacket } from "mysql2";
import type { ColumnType } from "./database-rows.ts";

export type MysqlColumn = Readonly<{
  name: string;
  type: ColumnType;
  /** How the server is asked for it. */
  read: "as is" | "as double" | "as integer" | "as well-known text";
  note?: string;
}>;

/** Type codes of the protocol. */
const CODE = {
  integers: { 1: "TINYINT", 2: "SMALLINT", 9: "INTEGER", 3: "INTEGER", 8: "BIGINT" },
  times: { 10: "DATE", 14: "DATE", 12: "TIMESTAMP", 7: "TIMESTAMP WITH TIME ZONE" },
  float: 4,
  double: 5,
  decimals: [0, 246],
  year: 13,
  bit: 16,
  geometry: 255,
  texts: [15, 249, 250, 251, 252, 253, 254],
} as const;
const UNSIGNED = 32;
const ENUM_OR_SET = 256 | 2048;
const BINARY_CHARSET = 63;

/** How each column of a result is read: MySQL and MariaDB describe it in the same way. */
export function toMysqlColumn(field: FieldPacket): MysqlColumn {
  const { name } = field;
  const code = field.columnType ?? 0;
  const flags = Number(field.flags);
  const integer = (CODE.integers as Readonly<Record<number, ColumnType>>)[code];
  if (integer !== undefined) {
    return {
      name,
      type: (flags & UNSIGNED ? `U${integer}` : integer) as ColumnType,
      read: "as is",
    };
  }
  const time = (CODE.times as Readonly<Record<number, ColumnType>>)[code];
  if (time !== undefined) return { name, type: time, read: "as is" };
  // the text of a FLOAT has six digits
  if (code === CODE.float) return { name, type: "FLOAT", read: "as double" };
  if (code === CODE.double) return { name, type: "DOUBLE", read: "as is" };
  if (code === CODE.decimals[0] || code === CODE.decimals[1]) return toDecimal(field, flags);
  if (code === CODE.year) return { name, type: "USMALLINT", read: "as is" };
  if (code === CODE.bit) return { name, type: "UBIGINT", read: "as integer" };
  if (code === CODE.geometry) {
    const note = `column "${name}" is a geometry: read as well-known text`;
    return { name, type: "VARCHAR", read: "as well-known text", note };
  }
  return { name, type: isBinary(field, code, flags) ? "BLOB" : "VARCHAR", read: "as is" };
}

function isBinary(field: FieldPacket, code: number, flags: number): boolean {
  const isText = CODE.texts.some((text) => text === code) && field.columnLength !== 0; // NULL alone
  const isNamed = (field.extendedTypeName ?? field.extendedFormat) !== undefined; // uuid, inet6, json
  return isText && field.characterSet === BINARY_CHARSET && !(flags & ENUM_OR_SET) && !isNamed;
}

/** The length counts the sign and the point. DuckDB's decimals end at 38 digits. */
function toDecimal(field: FieldPacket, flags: number): MysqlColumn {
  const { name, decimals: scale } = field;
  const length = field.columnLength ?? 0;
  const precision = length - (scale > 0 ? 1 : 0) - (flags & UNSIGNED ? 0 : 1);
  if (precision <= 38) return { name, type: `DECIMAL(${precision},${scale})`, read: "as is" };
  const note = `column "${name}" is decimal(${precision}, ${scale}): read as text, which keeps every digit; types: {${name}: float64} makes it a number`;
  return { name, type: "VARCHAR", read: "as is", note };
}
