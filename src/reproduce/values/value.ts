/**
 * A value of a YAML or JSON file as DVC sees it, that is as Python sees it: 1 and 1.0 are two values
 * with two spellings in dvc.lock, integers have any size, and keys keep their order. So an integer is
 * a bigint here, a float a number, a mapping a Map.
 */
export type Value = Leaf | readonly Value[] | ValueMap;
export type Leaf = null | boolean | bigint | number | string;
export type MapKey = Leaf;
export type ValueMap = ReadonlyMap<MapKey, Value>;

export function isValueMap(value: Value | undefined): value is ValueMap {
  return value instanceof Map;
}

export function isValueList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** Python's `==`: 1 == 1.0 == true, '1' differs, nan differs from itself. */
export function equalValues(a: Value, b: Value): boolean {
  if (isValueList(a)) {
    return (
      isValueList(b) && a.length === b.length && a.every((item, i) => equalValues(item, b[i]!))
    );
  }
  if (isValueMap(a)) {
    if (!isValueMap(b) || a.size !== b.size) return false;
    return [...a].every(([key, item]) => {
      const other = b.get(key);
      return other !== undefined && equalValues(item, other);
    });
  }
  const [x, y] = [toNumber(a), toNumber(b)];
  if (x !== undefined && y !== undefined) return x <= y && x >= y; // exact between bigint and float
  return x === undefined && y === undefined && a === b;
}

function toNumber(value: Value): number | bigint | undefined {
  if (typeof value === "boolean") return value ? 1n : 0n;
  return typeof value === "number" || typeof value === "bigint" ? value : undefined;
}
