import { join } from "node:path";
import { isValueMap, type Value, type ValueMap } from "../values/value.ts";
import { findExpressions } from "./expression.ts";
import { inside, type Place, templateError } from "./template-error.ts";
import { type MapVariable, mergeVariables, toVariable, type Variable } from "./variables.ts";

/** The variables that templates of a dvc.yaml, or of one of its stages, can name. */
export type ScopeVariables = Readonly<{
  values: ReadonlyMap<string, Variable>;
  /** Files that were loaded: whole (null), or these keys of them. */
  loaded: ReadonlyMap<string, readonly string[] | null>;
  /** `item` and `key` inside a group: vars must not set them. */
  reserved: readonly string[];
}>;

export const NO_VARIABLES: ScopeVariables = { values: new Map(), loaded: new Map(), reserved: [] };

/** Files of variables: their values, undefined where nothing stands, and their names in messages. */
export type VariableFiles = Readonly<{
  read(path: string): Value | undefined;
  shown(path: string): string;
}>;

const DEFAULT_FILE = "params.yaml";

/** The variables of params.yaml, where there is one. */
export function defaultVariables(
  folder: string,
  place: Place,
  files: VariableFiles,
): ScopeVariables {
  return files.read(join(folder, DEFAULT_FILE)) === undefined
    ? NO_VARIABLES
    : withFile(NO_VARIABLES, DEFAULT_FILE, folder, place, files);
}

/** Adds the items of a `vars` list: `file`, `file:key1,key2`, or a mapping. */
export function withVars(
  known: ScopeVariables,
  items: readonly Value[],
  where: Readonly<{ folder: string; place: Place; name: string }>,
  files: VariableFiles,
): ScopeVariables {
  return items.reduce<ScopeVariables>((variables, item, i) => {
    refuseTemplates(item, where.place);
    if (!isValueMap(item)) {
      return withFile(variables, String(item), where.folder, where.place, files);
    }
    const origin = { source: `${where.name}vars[${i}]`, isFile: false, path: "" };
    return withMap(variables, toVariable(item, origin) as MapVariable, where.place);
  }, known);
}

function withFile(
  known: ScopeVariables,
  item: string,
  folder: string,
  place: Place,
  files: VariableFiles,
): ScopeVariables {
  const [, name, , list] = /^([^:]*)(:(.*))?$/s.exec(item)!;
  const path = join(folder, name!);
  const keys = list === undefined || list === "" ? null : list.split(",").filter(Boolean);
  const loaded = known.loaded.get(path);
  if (loaded !== undefined) {
    if (loaded === null && keys === null) return known; // a whole file may be named twice
    refuseTwice(item, loaded, keys, place);
  }
  const values = selectKeys(readMap(path, place, files), keys, files.shown(path), place);
  const origin = { source: files.shown(path), isFile: true, path: "" };
  const merged = withMap(known, toVariable(values, origin) as MapVariable, place);
  const all = loaded === undefined ? keys : [...(loaded ?? []), ...(keys ?? [])];
  return { ...merged, loaded: new Map(known.loaded).set(path, all) };
}

function readMap(path: string, place: Place, files: VariableFiles): ValueMap {
  const values = files.read(path);
  if (values === undefined) {
    throw templateError(
      place,
      `expected the file "${files.shown(path)}", got nothing at this path`,
    );
  }
  if (isValueMap(values)) return values;
  throw templateError(
    place,
    `${files.shown(path)}: expected a mapping of variables, got something else`,
  );
}

function selectKeys(
  values: ValueMap,
  keys: readonly string[] | null,
  shown: string,
  place: Place,
): ValueMap {
  if (keys === null || keys.length === 0) return values;
  return new Map(
    keys.map((key) => {
      const value = values.get(key);
      if (value !== undefined) return [key, value] as const;
      throw templateError(place, `${shown}: expected the key "${key}", got nothing`);
    }),
  );
}

function refuseTwice(
  item: string,
  loaded: readonly string[] | null,
  keys: readonly string[] | null,
  place: Place,
): void {
  const again = keys?.find((key) => loaded?.includes(key));
  if (keys !== null && loaded !== null && again === undefined) return;
  const before = loaded === null ? "loaded whole" : `loaded in part (${loaded.join(", ")})`;
  throw templateError(
    place,
    `expected each file whole or each of its keys once, got "${item}" after it was ${before}`,
  );
}

function withMap(known: ScopeVariables, added: MapVariable, place: Place): ScopeVariables {
  const reserved = known.reserved.find((key) => added.entries.has(key));
  if (reserved !== undefined) {
    throw templateError(
      place,
      `expected names other than those that foreach and matrix set, got "${reserved}"`,
    );
  }
  const values = mergeVariables(
    known.values,
    added.entries,
    ({ known: before, added: now, path }) =>
      templateError(
        place,
        `expected each variable once, got "${path}" from ${sourceOf(now)} after ${sourceOf(before)}`,
      ),
  );
  return { ...known, values };
}

function sourceOf(variable: Variable): string {
  return variable.origin?.source ?? "foreach or matrix";
}

function refuseTemplates(value: Value, place: Place): void {
  if (typeof value === "string") {
    const [expression] = findExpressions(value);
    if (expression === undefined) return;
    throw templateError(
      place,
      `expected values without templates, got "${value}"`,
      "vars are what templates are filled from: write the value itself",
    );
  }
  if (isValueMap(value)) {
    for (const [key, item] of value) {
      refuseTemplates(key, place);
      refuseTemplates(item, inside(place, String(key)));
    }
  } else if (Array.isArray(value)) for (const item of value) refuseTemplates(item, place);
}
