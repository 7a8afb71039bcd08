import { isValueList, isValueMap, type Value } from "./value.ts";

/** A value as JSON has it: one kind of number but for integers beyond 2^53, keys that are texts. */
export function toJson(value: Value): unknown {
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (isValueList(value)) return value.map(toJson);
  if (!isValueMap(value)) return value;
  return Object.fromEntries([...value].map(([key, item]) => [String(key), toJson(item)]));
}
