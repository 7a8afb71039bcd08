/** Column types go by the names that pandas gives them, because data contracts do. */
export type PandasType = string;

const NAMES: Readonly<Record<string, PandasType>> = {
  BOOLEAN: "bool",
  TINYINT: "int8",
  SMALLINT: "int16",
  INTEGER: "int32",
  BIGINT: "int64",
  UTINYINT: "uint8",
  USMALLINT: "uint16",
  UINTEGER: "uint32",
  UBIGINT: "uint64",
  FLOAT: "float32",
  DOUBLE: "float64",
  VARCHAR: "str",
  DATE: "date",
  TIMESTAMP: "datetime64[us]",
  TIMESTAMP_S: "datetime64[s]",
  TIMESTAMP_MS: "datetime64[ms]",
  TIMESTAMP_NS: "datetime64[ns]",
  "TIMESTAMP WITH TIME ZONE": "datetime64[us, UTC]",
};

/** The pandas name of a DuckDB type; what pandas keeps as Python objects is `object`. */
export function toPandasType(duckdbType: string): PandasType {
  if (duckdbType.startsWith("ENUM(")) return "category";
  return NAMES[duckdbType] ?? "object";
}
