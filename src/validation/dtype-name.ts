/**
 * The names of column types as TypeScript sees them, by what a row holds of each: a misspelt dtype is an
 * error of the compiler. `parseDtype` reads the same names.
 */
type Bits = 8 | 16 | 32 | 64;
type Pyarrow = "" | "[pyarrow]";
type TimeUnit = "s" | "ms" | "us" | "ns";

export type NumberDtype =
  | "int"
  | "uint"
  | "float"
  | `${"int" | "uint"}${Bits}${Pyarrow}`
  | `${"Int" | "UInt"}${Bits}`
  | `float${32 | 64}${Pyarrow}`
  | `Float${32 | 64}`
  | "double[pyarrow]"
  | "float[pyarrow]"
  | `Decimal(${string})`;

export type BooleanDtype = "bool" | "boolean" | "Boolean" | "bool[pyarrow]";

export type TextDtype =
  | "str"
  | "string"
  | "string[pyarrow]"
  | "string[python]"
  | "String"
  | "Utf8"
  | "category"
  | "Categorical"
  | `Enum(categories=${string})`;

/** Rows hold times as ISO 8601 text. */
export type TimeDtype =
  | "datetime"
  | `datetime64[${TimeUnit}]`
  | `datetime64[${TimeUnit},${string}]`
  | "Datetime"
  | `Datetime(${string})`
  | "date"
  | "Date";

export type DurationDtype = "timedelta" | `timedelta64[${TimeUnit}]`;

export type DtypeName =
  | NumberDtype
  | BooleanDtype
  | TextDtype
  | TimeDtype
  | DurationDtype
  | "object";
