/**
 * The column types that contracts name, by the spellings of pandas and polars. `name` is what reports
 * and `contract show` say; spellings that Pandera widens (`int`, `datetime64[us]`) get their full form.
 */
export type DtypeKind =
  | "int"
  | "float"
  | "bool"
  | "text"
  | "datetime"
  | "date"
  | "timedelta"
  | "category"
  | "decimal"
  | "object";

export type Dtype = Readonly<{
  name: string;
  kind: DtypeKind;
  /** What a coerced column is in DuckDB; null where nothing is converted. */
  duckdbType: string | null;
  /** False for numpy's integers, which cannot hold a null. */
  holdsNull: boolean;
  /** Of integers and floats. */
  bits: number;
  signed: boolean;
  /** Of datetimes with a time zone. */
  zone: string | null;
  /** Values that were coerced to categories and are still of their kind: equal or not, never in order. */
  isCategorical?: boolean;
}>;

const BASE = { duckdbType: null, holdsNull: true, bits: 0, signed: true, zone: null } as const;

const WIDER: Readonly<Record<string, string>> = {
  int: "int64",
  uint: "uint64",
  float: "float64",
  datetime: "datetime64[ns]",
  "datetime64[us]": "datetime64[ns]",
  "datetime64[ms]": "datetime64[ns]",
  "datetime64[s]": "datetime64[ns]",
  timedelta: "timedelta64[ns]",
  "double[pyarrow]": "float64[pyarrow]",
  "float[pyarrow]": "float32[pyarrow]",
};

const TEXTS = ["str", "string", "string[pyarrow]", "string[python]", "String", "Utf8"];
const INTEGERS: Readonly<Record<string, string>> = {
  "8": "TINYINT",
  "16": "SMALLINT",
  "32": "INTEGER",
  "64": "BIGINT",
};

/** Spellings to suggest for a misspelt one. */
export const KNOWN_DTYPES: readonly string[] = [
  ...["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "Int64", "Int32"],
  ...["float32", "float64", "bool", "boolean", "category", "object", "date", "timedelta64[ns]"],
  ...["datetime64[ns]", "datetime64[ns, UTC]", ...TEXTS],
];

/** Reads a dtype as a contract writes it; undefined when nothing goes by that name. */
export function parseDtype(written: string): Dtype | undefined {
  const name = WIDER[written] ?? written;
  if (TEXTS.includes(name)) return { ...BASE, name, kind: "text", duckdbType: "VARCHAR" };
  return parseNumber(name) ?? parseTime(name) ?? parseOther(name);
}

function parseNumber(name: string): Dtype | undefined {
  const integer = /^(u?)(int)(8|16|32|64)(\[pyarrow\])?$|^(U?)(Int)(8|16|32|64)$/.exec(name);
  if (integer !== null) {
    const signed = (integer[1] ?? integer[5]) === "";
    const bits = (integer[3] ?? integer[7])!;
    const duckdbType = `${signed ? "" : "U"}${INTEGERS[bits]}`;
    const holdsNull = integer[2] === undefined || integer[4] !== undefined;
    return { ...BASE, name, kind: "int", duckdbType, holdsNull, bits: Number(bits), signed };
  }
  const float = /^[fF]loat(32|64)(\[pyarrow\])?$/.exec(name);
  if (float !== null) {
    const duckdbType = float[1] === "32" ? "FLOAT" : "DOUBLE";
    return { ...BASE, name, kind: "float", duckdbType, bits: Number(float[1]) };
  }
  const decimal = /^Decimal\((?:precision=)?(\d+), ?(?:scale=)?(\d+)\)$/.exec(name);
  if (decimal !== null) {
    const duckdbType = `DECIMAL(${decimal[1]}, ${decimal[2]})`;
    return { ...BASE, name, kind: "decimal", duckdbType };
  }
  return undefined;
}

function parseTime(name: string): Dtype | undefined {
  const zoned = /^datetime64\[(?:s|ms|us|ns), ?([A-Za-z0-9_+:/-]+)\]$/.exec(name);
  const polars = /^Datetime(?:\(time_unit='(?:ms|us|ns)', time_zone=(?:None|'([^']+)')\))?$/.exec(
    name,
  );
  const zone = zoned?.[1] ?? polars?.[1] ?? null;
  if (zoned !== null || polars !== null || name === "datetime64[ns]") {
    const duckdbType = zone === null ? "TIMESTAMP" : "TIMESTAMP WITH TIME ZONE";
    return { ...BASE, name, kind: "datetime", duckdbType, zone };
  }
  if (name === "date" || name === "Date") {
    return { ...BASE, name, kind: "date", duckdbType: "DATE" };
  }
  if (/^timedelta64\[(s|ms|us|ns)\]$/.test(name)) {
    return { ...BASE, name, kind: "timedelta", duckdbType: "INTERVAL" };
  }
  return undefined;
}

function parseOther(name: string): Dtype | undefined {
  if (name === "bool") return { ...BASE, name, kind: "bool", duckdbType: "BOOLEAN" };
  if (["boolean", "Boolean", "bool[pyarrow]"].includes(name)) {
    return { ...BASE, name, kind: "bool", duckdbType: "BOOLEAN" };
  }
  if (name === "category" || name === "Categorical" || name.startsWith("Enum(categories=")) {
    return { ...BASE, name, kind: "category", duckdbType: "VARCHAR" };
  }
  return name === "object" ? { ...BASE, name, kind: "object" } : undefined;
}

/** The type of a column of data, from its pandas and its DuckDB name. */
export function dataDtype(type: string, duckdbType: string): Dtype {
  const unit = /^datetime64\[(s|ms|us|ns)\]$/.test(type) ? "datetime64[ns]" : type;
  const known = parseDtype(unit);
  if (duckdbType.startsWith("DECIMAL("))
    return { ...BASE, name: type, kind: "decimal", duckdbType };
  if (duckdbType === "INTERVAL")
    return { ...BASE, name: "timedelta64[ns]", kind: "timedelta", duckdbType };
  return { ...(known ?? { ...BASE, kind: "object" }), name: type, duckdbType };
}

/** Whether data of one type is of the wanted one. Widths count; the unit of a datetime does not. */
export function isOfDtype(actual: Dtype, wanted: Dtype): boolean {
  if (wanted.kind === "object") return actual.name === "object" || actual.kind === "date";
  if (wanted.kind === "category")
    return actual.kind === "category" || actual.isCategorical === true;
  if (actual.kind !== wanted.kind) return false;
  if (wanted.kind === "int") return actual.bits === wanted.bits && actual.signed === wanted.signed;
  if (wanted.kind === "float") return actual.bits === wanted.bits;
  if (wanted.kind === "datetime") return actual.zone === wanted.zone;
  return true;
}
