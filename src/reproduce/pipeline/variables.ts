import { isValueList, isValueMap, type Leaf, type Value } from "../values/value.ts";

/** Where a variable was written: a file of parameters, or `vars[0]` of a dvc.yaml. */
export type Origin = Readonly<{ source: string; isFile: boolean; path: string }>;

/** A value that templates can name, with its origin; null: it was written in foreach or matrix itself. */
export type Variable = LeafVariable | ListVariable | MapVariable;
type LeafVariable = Readonly<{ kind: "leaf"; value: Leaf; origin: Origin | null }>;
type ListVariable = Readonly<{
  kind: "list";
  items: readonly Variable[];
  origin: Origin | null;
}>;
export type MapVariable = Readonly<{
  kind: "map";
  entries: ReadonlyMap<string, Variable>;
  origin: Origin | null;
}>;

/** Keys that are no texts cannot be named in a template: DVC leaves them out, and so do we. */
export function toVariable(value: Value, origin: Origin | null): Variable {
  if (isValueList(value)) {
    const items = value.map((item, i) => toVariable(item, below(origin, String(i))));
    return { kind: "list", items, origin };
  }
  if (!isValueMap(value)) return { kind: "leaf", value, origin };
  const entries = new Map<string, Variable>();
  for (const [key, item] of value) {
    if (typeof key === "string") entries.set(key, toVariable(item, below(origin, key)));
  }
  return { kind: "map", entries, origin };
}

function below(origin: Origin | null, key: string): Origin | null {
  if (origin === null) return null;
  return { ...origin, path: origin.path === "" ? key : `${origin.path}.${key}` };
}

export function bareValue(variable: Variable): Value {
  if (variable.kind === "leaf") return variable.value;
  if (variable.kind === "list") return variable.items.map(bareValue);
  return new Map([...variable.entries].map(([key, item]) => [key, bareValue(item)]));
}

/** The variable at a path such as `["models", "us", "0"]`; -1 is the last of a list, as in Python. */
export function findVariable(
  variables: ReadonlyMap<string, Variable>,
  path: readonly string[],
): Variable | undefined {
  let found = variables.get(path[0]!);
  for (const key of path.slice(1)) {
    if (found?.kind === "map") found = found.entries.get(key);
    else if (found?.kind === "list" && /^[-+]?\d+$/.test(key)) found = found.items.at(Number(key));
    else return undefined;
  }
  return found;
}

export type Redefinition = Readonly<{ known: Variable; added: Variable; path: string }>;

/** Mappings grow together; anything else may be defined once. */
export function mergeVariables(
  into: ReadonlyMap<string, Variable>,
  added: ReadonlyMap<string, Variable>,
  refuse: (redefinition: Redefinition) => Error,
): ReadonlyMap<string, Variable> {
  const merged = new Map(into);
  for (const [key, variable] of added) {
    const known = merged.get(key);
    if (known === undefined) merged.set(key, variable);
    else if (known.kind === "map" && variable.kind === "map") {
      const entries = mergeVariables(known.entries, variable.entries, refuse);
      merged.set(key, { ...known, entries });
    } else throw refuse({ known, added: variable, path: variable.origin?.path ?? key });
  }
  return merged;
}
