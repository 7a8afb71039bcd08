import type { ColumnType } from "./database-rows.ts";

/** A column as PostgreSQL describes the result of a query, domains resolved. */
export type PostgresqlField = Readonly<{
  name: string;
  dataTypeID: number;
  dataTypeModifier: number;
}>;

/** A row of pg_type. */
export type PostgresqlType = Readonly<{
  oid: number;
  /** As SQL names it. */
  name: string;
  typtype: string;
  typcategory: string;
}>;

export type PostgresqlColumn = Readonly<{
  name: string;
  type: ColumnType;
  /** How the server is asked for it. */
  read: "as is" | "as hex" | "as JSON" | "as text";
  note?: string;
}>;

const BYTEA = 17;
const NUMERIC = 1700;

/** By the fixed numbers of PostgreSQL's own types. */
const TYPES: Readonly<Record<number, ColumnType>> = {
  16: "BOOLEAN",
  20: "BIGINT",
  21: "SMALLINT",
  23: "INTEGER",
  26: "UINTEGER", // oid
  700: "FLOAT",
  701: "DOUBLE",
  1082: "DATE",
  1083: "TIME",
  1114: "TIMESTAMP",
  1184: "TIMESTAMP WITH TIME ZONE",
};

/** Types whose text is all there is to them. */
const TEXTS: ReadonlySet<number> = new Set([
  ...[18, 19, 25, 1042, 1043], // "char", name, text, char(n), varchar
  ...[114, 3802, 142, 2950], // json, jsonb, xml, uuid
  ...[650, 869, 829, 774], // cidr, inet, macaddr, macaddr8
  ...[1186, 1266, 1560, 1562], // interval (ISO 8601), time with time zone, bit, varbit
]);

/** How each column of a result is read; what has no type of its own here comes as text, with a note. */
export function toPostgresqlColumn(
  { name, dataTypeID, dataTypeModifier }: PostgresqlField,
  types: ReadonlyMap<number, PostgresqlType>,
): PostgresqlColumn {
  const known = TYPES[dataTypeID];
  if (known !== undefined) return { name, type: known, read: "as is" };
  if (dataTypeID === BYTEA) return { name, type: "BLOB", read: "as hex" };
  if (dataTypeID === NUMERIC) return toNumeric(name, dataTypeModifier);
  if (TEXTS.has(dataTypeID)) return { name, type: "VARCHAR", read: "as is" };
  const { name: typeName = "unknown", typtype, typcategory } = types.get(dataTypeID) ?? {};
  if (typcategory === "A") return { name, type: "VARCHAR", read: "as JSON" };
  const text = { name, type: "VARCHAR", read: "as text" } as const;
  if (typtype === "e" || typcategory === "S") return text;
  return { ...text, note: `column "${name}" is of type ${typeName}: read as text` };
}

/** The modifier holds precision and scale; DuckDB's decimals end at 38 digits. */
function toNumeric(name: string, modifier: number): PostgresqlColumn {
  const text = { name, type: "VARCHAR", read: "as is" } as const;
  const declare = `read as text, which keeps every digit; types: {${name}: float64} makes it a number`;
  if (modifier === -1) {
    return { ...text, note: `column "${name}" is numeric without a precision: ${declare}` };
  }
  const precision = ((modifier - 4) >> 16) & 0xffff;
  const scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
  if (precision > 38 || scale < 0 || scale > precision) {
    return { ...text, note: `column "${name}" is numeric(${precision}, ${scale}): ${declare}` };
  }
  return { name, type: `DECIMAL(${precision},${scale})`, read: "as is" };
}
