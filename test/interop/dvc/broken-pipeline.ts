import fc from "fast-check";
import { pipelineCase } from "./pipeline-case.ts";

const KEYS = [
  ...[
    "stages",
    "vars",
    "params",
    "metrics",
    "plots",
    "artifacts",
    "datasets",
    "cmd",
    "wdir",
    "deps",
  ],
  ...[
    "outs",
    "frozen",
    "always_changed",
    "desc",
    "meta",
    "matrix",
    "foreach",
    "do",
    "cache",
    "persist",
  ],
  ...["remote", "push", "type", "labels", "checkpoint", "x", "y", "x_label", "title", "template"],
  ...["header", "path", "unknown"],
];
const simple = fc.constantFrom("x", 1, null, true);
const anything = fc.oneof(
  fc.constantFrom<unknown>(null, true, 1, 1.5, "x", "", [], {}),
  fc.array(simple, { maxLength: 2 }),
  fc.dictionary(
    fc.constantFrom(...KEYS),
    fc.oneof(simple, fc.constantFrom<unknown>(["x"], { x: "y" })),
    { maxKeys: 2 },
  ),
);

type Container = Record<string, unknown>;

/** The content of a dvc.yaml in which one value was replaced, added or taken away. */
export const brokenPipeline: fc.Arbitrary<unknown> = fc
  .record({
    whole: pipelineCase,
    place: fc.nat(),
    action: fc.constantFrom("replace", "replace", "add", "remove"),
    key: fc.constantFrom(...KEYS),
    value: anything,
  })
  .map(({ whole, place, action, key, value }) => {
    const text = whole.files["dvc.yaml"] ?? whole.files["inner/dvc.yaml"]!;
    const content: unknown = JSON.parse(text);
    const places = placesIn(content);
    const [container, own] = places[place % places.length]!;
    if (action === "add" && !Array.isArray(container)) container[key] = value;
    else if (action === "remove" && !Array.isArray(container)) delete container[own];
    else container[own] = value;
    return content;
  });

function placesIn(value: unknown): (readonly [Container, string])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    [value as Container, key] as const,
    ...placesIn(item),
  ]);
}
