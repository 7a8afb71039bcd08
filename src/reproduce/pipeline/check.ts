import { nearestName } from "../../core/nearest.ts";
import { show } from "../../core/parse.ts";
import { toJson } from "../values/to-json.ts";
import { isValueList, isValueMap, type Value } from "../values/value.ts";

/**
 * Checks of the shape of a tree of values, written by hand because a dvc.yaml of a thousand stages is
 * checked at every start: each goes over the tree once and makes nothing unless there is a fault.
 */
export type Check = (value: Value) => Fault | null;

/** The first fault of a value. */
export type Fault = Readonly<{
  /** Keys and places of lists from the top to the value that is wrong. */
  path: readonly string[];
  /** The key of that value which nobody knows. */
  unknownKey?: string;
  message: string;
  hint?: string;
}>;

export const anything: Check = () => null;

export const text: Check = (value) =>
  typeof value === "string" ? null : unexpected("a text", value);

export const flag: Check = (value) =>
  typeof value === "boolean" ? null : unexpected("true or false", value);

type ValueType = "text" | "list" | "map" | "null" | "other";

/** One check for each type of value that is taken. */
export function byType(
  expected: string,
  branches: Readonly<Partial<Record<ValueType, Check>>>,
): Check {
  return (value) => {
    const check = branches[typeOf(value)];
    return check === undefined ? unexpected(expected, value) : check(value);
  };
}

function typeOf(value: Value): ValueType {
  if (value === null) return "null";
  if (typeof value === "string") return "text";
  if (isValueList(value)) return "list";
  return isValueMap(value) ? "map" : "other";
}

export function listOf(item: Check, expected = "a list"): Check {
  return (value) => {
    if (!isValueList(value)) return unexpected(expected, value);
    for (let i = 0; i < value.length; i++) {
      const fault = item(value[i]!);
      if (fault !== null) return below(String(i), fault);
    }
    return null;
  };
}

/** A mapping of any texts. */
export function recordOf(item: Check): Check {
  return (value) => {
    if (!isValueMap(value)) return unexpected("a mapping", value);
    for (const [key, each] of value) {
      if (typeof key !== "string") return unexpected("keys that are texts", key);
      const fault = item(each);
      if (fault !== null) return below(key, fault);
    }
    return null;
  };
}

/** A mapping of known keys. */
export function shapeOf(
  checks: Readonly<Record<string, Check>>,
  required: Readonly<Record<string, string>> = {},
): Check {
  const known = new Map<unknown, Check>(Object.entries(checks));
  return (value) => {
    if (!isValueMap(value)) return unexpected("a mapping", value);
    for (const [key, each] of value) {
      const check = known.get(key);
      if (check === undefined) return unknown(String(key), Object.keys(checks));
      const fault = check(each);
      if (fault !== null) return below(String(key), fault);
    }
    for (const key in required) {
      if (!value.has(key)) return below(key, unexpected(required[key]!, undefined));
    }
    return null;
  };
}

function below(key: string, fault: Fault): Fault {
  return { ...fault, path: [key, ...fault.path] };
}

export function unexpected(expected: string, got: Value | undefined): Fault {
  const shown = got === undefined ? "nothing" : show(toJson(got));
  return { path: [], message: `expected ${expected}, got ${shown}` };
}

function unknown(key: string, known: readonly string[]): Fault {
  const near = nearestName(key, known);
  const suggestion = near === undefined ? "" : `; did you mean "${near}"?`;
  return {
    path: [],
    unknownKey: key,
    message: `expected a known key, got "${key}"${suggestion}`,
    ...(near === undefined ? {} : { hint: `write "${near}" instead of "${key}"` }),
  };
}
