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

const STORED_AS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(NAMES).map(([duckdbType, name]) => [name, duckdbType])),
  int: "BIGINT",
  Int8: "TINYINT",
  Int16: "SMALLINT",
  Int32: "INTEGER",
  Int64: "BIGINT",
  UInt8: "UTINYINT",
  UInt16: "USMALLINT",
  UInt32: "UINTEGER",
  UInt64: "UBIGINT",
  float: "DOUBLE",
  Float32: "FLOAT",
  Float64: "DOUBLE",
  boolean: "BOOLEAN",
  string: "VARCHAR",
  object: "VARCHAR",
  category: "VARCHAR",
  datetime64: "TIMESTAMP_NS",
  "datetime64[ns, UTC]": "TIMESTAMP WITH TIME ZONE",
};

/** The names of types that a source may declare. */
export const DECLARABLE_TYPES: readonly PandasType[] = Object.keys(STORED_AS).sort();

/** The DuckDB type that stores a pandas type, or undefined for a name that is none. */
export function toDuckDbType(type: PandasType): string | undefined {
  return STORED_AS[type];
}
