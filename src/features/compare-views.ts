import { canonicalJson } from "../core/canonical-json.ts";
import type { FeatureView } from "./feature-view.ts";

/** A difference in words, and what kind it is. */
export type ViewDifference = Readonly<{
  kind: "transform" | "input" | "output" | "fitted" | "classes";
  name: string;
  message: string;
}>;

/** What makes the hashes of two feature views differ: definition first, then fitted values. */
export function compareViews(a: FeatureView, b: FeatureView): ViewDifference[] {
  const differences = [
    ...compareNamed("input", definitionPart(a, "inputs"), definitionPart(b, "inputs")),
    ...compareNamed("transform", definitionPart(a, "transforms"), definitionPart(b, "transforms")),
    ...compareOutputs(a, b),
    ...compareExamples(a, b),
  ];
  const classes = [a, b].map(({ target }) => canonicalJson(target.classes));
  if (classes[0] !== classes[1]) {
    differences.push({
      kind: "classes",
      name: a.target.column,
      message: `classes of the target: ${classes[0]} became ${classes[1]}`,
    });
  }
  return differences;
}

type Named = Readonly<Record<string, unknown>> & Readonly<{ name: string }>;

function definitionPart(view: FeatureView, part: string): readonly Named[] {
  const found = view.definition[part];
  return Array.isArray(found) ? (found as Named[]) : [];
}

function compareNamed(
  kind: "input" | "transform",
  before: readonly Named[],
  after: readonly Named[],
): ViewDifference[] {
  const differences = changes(kind, before, after);
  const same = before.filter(({ name }) => after.some((one) => one.name === name));
  const kept = after.filter(({ name }) => before.some((one) => one.name === name));
  const moved = same.find(({ name }, i) => kept[i]?.name !== name);
  if (moved === undefined) return differences;
  const message = `${kind} "${moved.name}" stands at another place: the order of columns is part of the definition`;
  return [...differences, { kind, name: moved.name, message }];
}

function changes(
  kind: ViewDifference["kind"],
  before: readonly Named[],
  after: readonly Named[],
): ViewDifference[] {
  const old = new Map(before.map((one) => [one.name, one]));
  const now = new Map(after.map((one) => [one.name, one]));
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name): ViewDifference[] => {
    const [a, b] = [old.get(name), now.get(name)];
    if (a === undefined) return [{ kind, name, message: `${kind} "${name}" was added` }];
    if (b === undefined) return [{ kind, name, message: `${kind} "${name}" was removed` }];
    return valueChanges(a, b).map((change) => ({
      kind,
      name,
      message: `${kind} "${name}": ${change}`,
    }));
  });
}

/** Outputs of one transform may differ by the categories found, or in their fitted values. */
function compareOutputs(a: FeatureView, b: FeatureView): ViewDifference[] {
  const found = changes("output", a.outputs as readonly Named[], b.outputs as readonly Named[]);
  return found.map((one) =>
    /was (added|removed)$/.test(one.message)
      ? { ...one, message: one.message.replace(/^output/, "column") }
      : { ...one, kind: "fitted", message: one.message.replace(/^output/, "fitted values of") },
  );
}

function compareExamples(a: FeatureView, b: FeatureView): ViewDifference[] {
  return b.inputs.flatMap(({ name, example }): ViewDifference[] => {
    const before = a.inputs.find((input) => input.name === name);
    if (before === undefined || before.example === example) return [];
    const message = `typical value of "${name}": ${JSON.stringify(before.example)} became ${JSON.stringify(example)}`;
    return [{ kind: "fitted", name, message }];
  });
}

/** `steps.1.center: 70 became 71` for each leaf that differs. */
function valueChanges(a: unknown, b: unknown, path = ""): string[] {
  if (isObject(a) && isObject(b) && Array.isArray(a) === Array.isArray(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
      valueChanges(a[key], b[key], path === "" ? key : `${path}.${key}`),
    );
  }
  if (a === b) return [];
  return [`${path}: ${JSON.stringify(a) ?? "nothing"} became ${JSON.stringify(b) ?? "nothing"}`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
