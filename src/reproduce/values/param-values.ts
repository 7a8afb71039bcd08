import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { readJson } from "./read-json.ts";
import { readPython } from "./read-python.ts";
import { readToml } from "./read-toml.ts";
import { readValues } from "./read-values.ts";
import { isValueList, isValueMap, type Value } from "./value.ts";

/** The keys of one file that a stage depends on; null: every top-level key. */
export type ParamDependency = Readonly<{ file: string; keys: readonly string[] | null }>;

/** Dotted key → value; a key that the file lacks is absent. Null: the file is not there. */
export type ParamValues = ReadonlyMap<string, Value> | null;

/** The whole content of a file of parameters, or null where there is none. */
export function readParamFile(folder: string, file: string): Value | null {
  const path = join(folder, file);
  return existsSync(path) ? parseParams(readFileSync(path, "utf8"), file) : null;
}

/** The content of a file of parameters: TOML, JSON or Python by its name, else YAML. */
export function parseParams(text: string, file: string): Value {
  switch (extname(file).toLowerCase()) {
    case ".toml":
      return readToml(text, file);
    case ".json":
      return orEmpty(readJson(text, file));
    case ".py":
      return readPython(text, file);
    default:
      return orEmpty(readValues(text, file, "BAD_INPUT"));
  }
}

/** What Python takes for nothing is an empty file. */
function orEmpty(value: Value): Value {
  const isEmpty = isValueList(value) && value.length === 0;
  return isEmpty || !value ? new Map() : value;
}

/** The values that a stage depends on. */
export function selectParams(dependency: ParamDependency, content: Value | null): ParamValues {
  if (content === null) return null;
  if (dependency.keys === null) {
    const all = isValueMap(content) ? [...content] : [];
    return new Map(all.map(([key, value]) => [String(key), value]));
  }
  const found = dependency.keys.flatMap((key): [string, Value][] => {
    const value = lookUp(content, key);
    return value === undefined ? [] : [[key, value]];
  });
  return new Map(found);
}

/** The value at a dotted key; a number is also a place in a list. */
export function lookUp(content: Value, dotted: string): Value | undefined {
  let value: Value | undefined = content;
  for (const part of dotted.split(".")) {
    if (isValueMap(value)) {
      const exact = value.get(part);
      value = exact === undefined ? [...value].find(([key]) => String(key) === part)?.[1] : exact;
    } else if (isValueList(value) && /^\d+$/.test(part)) {
      value = value[Number(part)];
    } else return undefined;
  }
  return value;
}
