import { isValueList, isValueMap, type Value } from "./value.ts";

/** A value as JSON has it: one kind of number, keys that are texts. */
export function toJson(value: Value): unknown {
  if (typeof value === "bigint") return Number(value);
  if (isValueList(value)) return value.map(toJson);
  if (!isValueMap(value)) return value;
  return Object.fromEntries([...value].map(([key, item]) => [String(key), toJson(item)]));
}
