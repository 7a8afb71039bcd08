import { pythonStr, pythonText } from "../values/python-text.ts";
import { isValueMap, type Leaf, type Value, type ValueMap } from "../values/value.ts";
import { resolveKey, resolveVariable, type Scope } from "./template.ts";
import { templateError } from "./template-error.ts";
import type { Variable } from "./variables.ts";

/** One stage of a group: what stands after the `@` of its name, and the variables it has for itself. */
export type Member = Readonly<{ key: string; variables: ReadonlyMap<string, Variable> }>;

/**
 * The members of a foreach group:
 *
 *     [a, b]            group@a, group@b     item
 *     [{x: 1}, {x: 2}]  group@0, group@1     item.x
 *     {us: {x: 1}}      group@us             key, item.x
 */
export function foreachMembers(data: Value, scope: Scope): readonly Member[] {
  if (isValueMap(data)) {
    return keyed(
      [...data].map(([key, item]) => [
        nameOf(leaf(resolveKey(key, scope))),
        resolveVariable(item, scope),
      ]),
    );
  }
  const items = resolveVariable(data, scope);
  if (items.kind === "map") return keyed([...items.entries]);
  if (items.kind === "leaf") {
    throw templateError(
      scope.place,
      `expected a list or a mapping, got ${pythonStr(items.value) || "an empty text"}`,
    );
  }
  const isComposite = items.items.some(({ kind }) => kind !== "leaf");
  return unique(
    items.items.map((item, i) => ({
      key: isComposite ? String(i) : nameOf(item),
      variables: new Map([["item", item]]),
    })),
  );
}

function keyed(entries: readonly (readonly [string, Variable])[]): readonly Member[] {
  return unique(
    entries.map(([key, item]) => ({
      key,
      variables: new Map([
        ["item", item],
        ["key", leaf(key)],
      ]),
    })),
  );
}

/**
 * The members of a matrix: the product of its axes, the last one running fastest. `item` holds a value
 * of each axis; a list or mapping among them is named by its axis and place.
 */
export function matrixMembers(axes: ValueMap, scope: Scope): readonly Member[] {
  const resolved = [...axes].map(
    ([axis, values]) => [String(resolveKey(axis, scope)), axisValues(values, scope)] as const,
  );
  let combinations: (readonly (readonly [string, number, Variable])[])[] = [[]];
  for (const [axis, values] of resolved) {
    combinations = combinations.flatMap((before) =>
      values.map((value, i) => [...before, [axis, i, value] as const]),
    );
  }
  return unique(
    combinations.map((combination) => {
      const names = combination.map(([axis, i, value]) =>
        value.kind === "leaf" ? nameOf(value) : `${axis}${i}`,
      );
      const entries = new Map(combination.map(([axis, , value]) => [axis, value] as const));
      const key = names.join("-");
      return {
        key,
        variables: new Map<string, Variable>([
          ["key", leaf(key)],
          ["item", { kind: "map", entries, origin: null }],
        ]),
      };
    }),
  );
}

/** An axis is a list; of a mapping DVC takes the keys, of a text the characters. */
function axisValues(values: Value, scope: Scope): readonly Variable[] {
  const found = resolveVariable(values, scope);
  if (found.kind === "list") return found.items;
  if (found.kind === "map") return [...found.entries.keys()].map(leaf);
  if (typeof found.value === "string" && found.origin === null) return [...found.value].map(leaf);
  throw templateError(scope.place, `expected a list for each axis, got ${pythonStr(found.value)}`);
}

function leaf(value: Leaf): Variable {
  return { kind: "leaf", value, origin: null };
}

/** Values written in the group itself are spelt as in templates (`true`), variables by Python's `str` (`True`). */
function nameOf(variable: Variable): string {
  if (variable.kind !== "leaf") return "";
  return variable.origin === null ? (pythonText(variable.value) ?? "") : pythonStr(variable.value);
}

/** Of members of one name the last one counts, in the place of the first. */
function unique(members: readonly Member[]): readonly Member[] {
  return [...new Map(members.map((member) => [member.key, member])).values()];
}
