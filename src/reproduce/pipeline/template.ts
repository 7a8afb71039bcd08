import { nearestName } from "../../core/nearest.ts";
import { pythonStr, pythonText } from "../values/python-text.ts";
import { isValueList, isValueMap, type MapKey, type Value } from "../values/value.ts";
import { commandFlags, type FlagStyle } from "./command-flags.ts";
import { type Expression, findExpressions, parseExpression } from "./expression.ts";
import { type Place, templateError } from "./template-error.ts";
import { bareValue, findVariable, toVariable, type Variable } from "./variables.ts";

/**
 * Puts variables into the texts of dvc.yaml. A text that is one expression takes the type of its
 * variable; in a longer one it is spelt as DVC spells it: `true`, `None`, `0.1`, and a mapping in a
 * command as flags.
 */
export type Scope = Readonly<{
  variables: ReadonlyMap<string, Variable>;
  flags: FlagStyle;
  place: Place;
  /** What may stand for lists and mappings: flags in a command, anything beside stages, else nothing. */
  kind: "command" | "stage" | "other";
  /** Told of every variable that is used. */
  use(variable: Variable): void;
}>;

/** False for a value that stays as it is, as most do. */
export function hasTemplates(value: Value): boolean {
  if (typeof value === "string") return value.includes("${");
  if (isValueList(value)) return value.some(hasTemplates);
  if (!isValueMap(value)) return false;
  for (const [key, item] of value) if (hasTemplates(key) || hasTemplates(item)) return true;
  return false;
}

export function resolveValue(value: Value, scope: Scope): Value {
  if (typeof value === "string") return resolveText(value, scope);
  if (isValueList(value)) return value.map((item) => resolveValue(item, scope));
  if (!isValueMap(value)) return value;
  return new Map(
    [...value].map(([key, item]): [MapKey, Value] => [
      resolveKey(key, scope),
      resolveValue(item, scope),
    ]),
  );
}

export function resolveKey(key: MapKey, scope: Scope): MapKey {
  if (typeof key !== "string") return key;
  const value = resolveText(key, scope);
  if (!isValueList(value) && !isValueMap(value)) return value;
  throw templateError(scope.place, `${key}: expected a text or a number, got ${nameOf(value)}`);
}

export function resolveText(text: string, scope: Scope): Value {
  const expressions = findExpressions(text);
  const [only] = expressions;
  if (only !== undefined && isWhole(only, text)) {
    const value = bareValue(lookUp(only, scope));
    if (scope.kind !== "other") requirePlain(value, only, scope);
    return value;
  }
  let filled = "";
  let end = 0;
  for (const expression of expressions) {
    const value = bareValue(lookUp(expression, scope));
    filled += text.slice(end, expression.start) + inserted(value, expression, scope);
    end = expression.end;
  }
  return (filled + text.slice(end)).replaceAll("\\${", "${");
}

/** As resolveValue, but keeps the origin of what is a variable. */
export function resolveVariable(value: Value, scope: Scope): Variable {
  if (typeof value === "string") {
    const [only] = findExpressions(value);
    if (only !== undefined && isWhole(only, value)) return lookUp(only, scope);
    return toVariable(resolveText(value, scope), null);
  }
  if (isValueList(value)) {
    const items = value.map((item) => resolveVariable(item, scope));
    return { kind: "list", items, origin: null };
  }
  if (!isValueMap(value)) return { kind: "leaf", value, origin: null };
  const entries = new Map<string, Variable>();
  for (const [key, item] of value) {
    const name = resolveKey(key, scope);
    if (typeof name === "string") entries.set(name, resolveVariable(item, scope));
  }
  return { kind: "map", entries, origin: null };
}

function isWhole(expression: Expression, text: string): boolean {
  return expression.start === 0 && expression.end === text.length;
}

function lookUp({ inner }: Expression, scope: Scope): Variable {
  const path = parseExpression(inner);
  if (path === undefined) {
    throw templateError(
      scope.place,
      `\${${inner}}: expected the path of a variable such as \${a.b[0]}, got "${inner}"`,
    );
  }
  const found = findVariable(scope.variables, path);
  if (found !== undefined) {
    scope.use(found);
    return found;
  }
  const near = nearestName(path[0]!, scope.variables.keys());
  const isTypo = near !== undefined && !scope.variables.has(path[0]!);
  throw templateError(
    scope.place,
    `\${${inner}}: expected a variable of params.yaml or vars, got an unknown one`,
    isTypo ? `did you mean \${${[near, ...path.slice(1)].join(".")}}?` : undefined,
  );
}

function inserted(value: Value, expression: Expression, scope: Scope): string {
  const text = pythonText(value);
  if (text !== undefined) return text;
  if (isValueMap(value) && scope.kind !== "stage") {
    return commandFlags(value, scope.flags, (key) =>
      templateError(
        scope.place,
        `\${${expression.inner}}: expected lists of texts and numbers, got a list or mapping inside "${key}"`,
      ),
    );
  }
  requirePlain(value, expression, scope);
  return pythonStr(value);
}

function requirePlain(value: Value, expression: Expression, scope: Scope): void {
  const isTaken = scope.kind === "other" || !(isValueList(value) || isValueMap(value));
  if (isTaken) return;
  throw templateError(
    scope.place,
    `\${${expression.inner}}: expected a text, a number, a boolean or nothing, got ${nameOf(value)}`,
    scope.kind === "command" && isValueMap(value)
      ? "a mapping becomes flags only after something: write a program before it"
      : undefined,
  );
}

function nameOf(value: Value): string {
  return isValueMap(value) ? "a mapping" : "a list";
}
