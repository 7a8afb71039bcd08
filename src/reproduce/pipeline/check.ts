import { nearestName } from "../../core/nearest.ts";
import { show } from "../../core/parse.ts";
import { toJson } from "../values/to-json.ts";
import { isValueList, isValueMap, type Value } from "../values/value.ts";

/**
 * Checks of the shape of a tree of values, written by hand because a dvc.yaml of a thousand stages is
 * checked at every start: each goes over the tree once and makes nothing unless there is a fault.
 */
export type Fault = Readonly<{ place: string; path: string; message: string; hint?: string }>;

/** The first fault of the value at a dotted path, or null. */
export type Check = (value: Value, path: string) => Fault | null;

export const anything: Check = () => null;

export const text: Check = (value, path) =>
  typeof value === "string" ? null : unexpected(path, "a text", value);

export const flag: Check = (value, path) =>
  typeof value === "boolean" ? null : unexpected(path, "true or false", value);

/** One check for each type of value that is taken. */
export function byType(
  expected: string,
  branches: Readonly<Partial<Record<ValueType, Check>>>,
): Check {
  return (value, path) => {
    const check = branches[typeOf(value)];
    return check === undefined ? unexpected(path, expected, value) : check(value, path);
  };
}

type ValueType = "text" | "list" | "map" | "null" | "other";

function typeOf(value: Value): ValueType {
  if (value === null) return "null";
  if (typeof value === "string") return "text";
  if (isValueList(value)) return "list";
  return isValueMap(value) ? "map" : "other";
}

export function listOf(item: Check, expected = "a list"): Check {
  return (value, path) => {
    if (!isValueList(value)) return unexpected(path, expected, value);
    for (let i = 0; i < value.length; i++) {
      const fault = item(value[i]!, `${path}.${i}`);
      if (fault !== null) return fault;
    }
    return null;
  };
}

/** A mapping of any texts. */
export function recordOf(item: Check): Check {
  return (value, path) => {
    if (!isValueMap(value)) return unexpected(path, "a mapping", value);
    for (const [key, each] of value) {
      const fault =
        typeof key === "string"
          ? item(each, below(path, key))
          : unexpected(path, "keys that are texts", key);
      if (fault !== null) return fault;
    }
    return null;
  };
}

/** A mapping of known keys. */
export function shapeOf(
  checks: Readonly<Record<string, Check>>,
  required: Readonly<Record<string, string>> = {},
): Check {
  const known = new Map(Object.entries(checks));
  return (value, path) => {
    if (!isValueMap(value)) return unexpected(path, "a mapping", value);
    for (const [key, each] of value) {
      const check = typeof key === "string" ? known.get(key) : undefined;
      const fault =
        check === undefined
          ? unknownKey(path, String(key), known.keys())
          : check(each, below(path, String(key)));
      if (fault !== null) return fault;
    }
    for (const [key, expected] of Object.entries(required)) {
      if (!value.has(key)) return unexpected(below(path, key), expected, undefined);
    }
    return null;
  };
}

export function unexpected(path: string, expected: string, got: Value | undefined): Fault {
  const shown = got === undefined ? "nothing" : show(toJson(got));
  return { place: path, path, message: `expected ${expected}, got ${shown}` };
}

function unknownKey(path: string, key: string, known: Iterable<string>): Fault {
  const near = nearestName(key, known);
  const suggestion = near === undefined ? "" : `; did you mean "${near}"?`;
  return {
    place: path,
    path: below(path, key),
    message: `expected a known key, got "${key}"${suggestion}`,
    ...(near === undefined ? {} : { hint: `write "${near}" instead of "${key}"` }),
  };
}

function below(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
