import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import { readValues } from "./read-values.ts";
import { isValueList, isValueMap, type Value } from "./value.ts";

/** The keys of one file that a stage depends on; null: every top-level key. */
export type ParamDependency = Readonly<{ file: string; keys: readonly string[] | null }>;

/** Dotted key → value; a key that the file lacks is absent. Null: the file is not there. */
export type ParamValues = ReadonlyMap<string, Value> | null;

const FORMATS = [".yaml", ".yml", ".json"];

/** The whole content of a YAML or JSON file of parameters, or null where there is none. */
export function readParamFile(folder: string, file: string): Value | null {
  if (!FORMATS.includes(extname(file))) {
    throw new DuetMindError(
      "DVC_YAML_SCHEMA",
      `${file}: expected parameters in YAML or JSON (what this version reads), got "${extname(file) || file}"`,
      { file },
    );
  }
  const path = join(folder, file);
  return existsSync(path) ? readValues(readFileSync(path, "utf8"), file, "BAD_INPUT") : null;
}

/** The values that a stage depends on. */
export function selectParams(dependency: ParamDependency, content: Value | null): ParamValues {
  if (content === null) return null;
  const keys =
    dependency.keys ?? (isValueMap(content) ? [...content.keys()].map((key) => String(key)) : []);
  const found = keys.flatMap((key): [string, Value][] => {
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
      value = [...value].find(([key]) => String(key) === part)?.[1];
    } else if (isValueList(value) && /^\d+$/.test(part)) {
      value = value[Number(part)];
    } else return undefined;
  }
  return value;
}
