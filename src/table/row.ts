export type Value = string | number | bigint | boolean | null | Value[] | { [key: string]: Value };
export type Row = Record<string, Value>;

/** A row as DuckDB's JavaScript converter gives it, with safe bigints as numbers and dates as ISO text. */
export function toRow(row: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toValue(value)]));
}

function toValue(value: unknown): Value {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case "bigint":
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
        ? Number(value)
        : value;
    case "string":
    case "number":
    case "boolean":
      return value;
    default:
      if (value instanceof Date) return value.toISOString();
      if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
      if (Array.isArray(value)) return value.map(toValue);
      return toRow(value as Record<string, unknown>);
  }
}
