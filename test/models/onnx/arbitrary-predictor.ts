import fc from "fast-check";
import type { FeatureView, FittedOutput, NumericStep } from "../../../src/features/feature-view.ts";
import type { Predictor } from "../../../src/models/predictor.ts";
import type { TrainedModel, TreeEnsemble } from "../../../src/models/trained-model.ts";
import type { RawRow } from "./reference-scorer.ts";

/** Random feature views, models and rows: two number inputs, one boolean, two texts. */
const WORDS = ["a", "b", "Zürich", "ε3/ε4", "1", "true", " ", "a "];
const NUMBERS = ["n1", "n2", "flag"];
const TEXTS = ["t1", "t2"];

const quarter = (min: number, max: number) =>
  fc.integer({ min: min * 4, max: max * 4 }).map((n) => n / 4);

const step: fc.Arbitrary<NumericStep> = fc.oneof(
  fc.record({ op: fc.constant("impute" as const), value: quarter(-20, 20) }),
  fc.record({
    op: fc.constant("clip" as const),
    min: fc.option(quarter(-20, 0)),
    max: fc.option(quarter(0, 20)),
  }),
  fc.record({ op: fc.constant("log" as const), offset: quarter(0, 2) }),
  fc.record({ op: fc.constant("scale" as const), center: quarter(-9, 9), scale: quarter(1, 9) }),
  fc.record({
    op: fc.constant("bin" as const),
    edges: fc
      .uniqueArray(quarter(-9, 9), { minLength: 1, maxLength: 4 })
      .map((e) => e.sort((a, b) => a - b)),
  }),
);

const steps = fc.array(step, { maxLength: 3 });
const numberInput = fc.constantFrom(...NUMBERS);
const textInput = fc.constantFrom(...TEXTS);

const output: fc.Arbitrary<FittedOutput> = fc.oneof(
  fc.record({
    name: fc.constant(""),
    kind: fc.constant("numeric" as const),
    input: numberInput,
    steps,
  }),
  fc.record({
    ...{ name: fc.constant(""), kind: fc.constant("indicator" as const), input: textInput },
    value: fc.constantFrom(...WORDS),
  }),
  fc.record({
    ...{ name: fc.constant(""), kind: fc.constant("missing" as const) },
    input: fc.constantFrom(...NUMBERS, ...TEXTS),
  }),
  fc.record({
    ...{ name: fc.constant(""), kind: fc.constant("lookup" as const), input: textInput },
    entries: fc.uniqueArray(
      fc.tuple(fc.constantFrom(...WORDS), fc.double({ min: -9, max: 9, noNaN: true })),
      {
        selector: ([word]) => word,
      },
    ),
    other: fc.option(fc.double({ min: -9, max: 9, noNaN: true })),
    missing: fc.option(fc.double({ min: -9, max: 9, noNaN: true })),
  }),
  fc.record({
    ...{ name: fc.constant(""), kind: fc.constant("product" as const), steps },
    factors: fc.array(numberInput, { minLength: 2, maxLength: 3 }),
  }),
  fc.record({
    ...{ name: fc.constant(""), kind: fc.constant("ratio" as const), steps },
    ...{ numerator: numberInput, denominator: numberInput },
  }),
);

const view: fc.Arbitrary<FeatureView> = fc
  .array(output, { minLength: 1, maxLength: 8 })
  .map((outputs) => toView(outputs.map((one, i) => ({ ...one, name: `f${i}` }))));

/** A feature view over the five inputs with these outputs. */
export function toView(outputs: readonly FittedOutput[]): FeatureView {
  const digest = `sha256:${"0".repeat(64)}` as const;
  const column = (name: string, type: "number" | "boolean" | "text", columnType: string) => ({
    ...{ name, type, source: { kind: "column" as const, column: name, columnType } },
    example: type === "text" ? "a" : 1,
  });
  return {
    ...{ schema_version: 1, name: "random", subject: null, definition: {}, outputs },
    columns: [
      { name: "n1", type: "float64" },
      { name: "n2", type: "int64" },
      { name: "flag", type: "bool" },
      { name: "t1", type: "str" },
      { name: "t2", type: "str" },
    ],
    inputs: [
      ...[column("n1", "number", "float64"), column("n2", "number", "int64")],
      ...[
        column("flag", "boolean", "bool"),
        column("t1", "text", "str"),
        column("t2", "text", "str"),
      ],
    ],
    target: { column: "y", type: "int64", classes: [0, 1] },
    ...{ feature_hash: digest, fit_hash: digest },
  };
}

const half = quarter(-6, 6).map(Math.fround);

type Node = readonly [
  feature: number,
  threshold: number,
  missingLeft: 0 | 1,
  left: Node | number,
  right: Node | number,
];

function node(width: number): fc.Arbitrary<Node | number> {
  return fc.letrec<{ node: Node | number }>((tie) => ({
    node: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      half,
      fc.tuple(
        ...([fc.nat(width - 1), half, fc.constantFrom<0 | 1>(0, 1)] as const),
        ...([tie("node"), tie("node")] as const),
      ) as fc.Arbitrary<Node>,
    ),
  })).node;
}

type Task = TreeEnsemble["task"];
const CLASS_COUNT: Readonly<Record<Task, number>> = { binary: 2, multiclass: 3, regression: 1 };

function trees(featureNames: readonly string[], task: Task): fc.Arbitrary<TrainedModel> {
  const classCount = CLASS_COUNT[task];
  const outputCount = task === "multiclass" ? 3 : 1;
  return fc
    .array(node(featureNames.length), { minLength: 1, maxLength: 4 })
    .map((roots) => Array.from({ length: outputCount }, () => roots).flat())
    .map((roots) => flatten(roots, { task, featureNames, classCount, outputCount }));
}

function flatten(
  roots: readonly (Node | number)[],
  facts: Pick<TreeEnsemble, "task" | "featureNames" | "classCount" | "outputCount">,
): TreeEnsemble {
  const flat: {
    feature: number;
    threshold: number;
    missingLeft: number;
    left: number;
    right: number;
    value: number;
  }[] = [];
  const starts = roots.map((root) => {
    const start = flat.length;
    place(root);
    return start;
  });
  function place(item: Node | number): number {
    const at = flat.length;
    const leaf = typeof item === "number";
    const [feature, threshold, missingLeft] = leaf ? [-1, 0, 0] : item;
    const entry = { feature, threshold, missingLeft, left: 0, right: 0, value: leaf ? item : 0 };
    flat.push(entry);
    if (!leaf) {
      entry.left = place(item[3]);
      entry.right = place(item[4]);
    }
    return at;
  }
  return {
    ...{ ...facts, kind: "trees" },
    treeStarts: Int32Array.of(...starts, flat.length),
    feature: Int32Array.from(flat, (one) => one.feature),
    threshold: Float32Array.from(flat, (one) => one.threshold),
    missingLeft: Uint8Array.from(flat, (one) => one.missingLeft),
    left: Int32Array.from(flat, (one) => one.left),
    right: Int32Array.from(flat, (one) => one.right),
    value: Float32Array.from(flat, (one) => one.value),
  };
}

function linear(
  featureNames: readonly string[],
  task: "binary" | "multiclass",
): fc.Arbitrary<TrainedModel> {
  const outputCount = task === "multiclass" ? 3 : 1;
  const numbers = (length: number) =>
    fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: length, maxLength: length });
  return fc.tuple(numbers(outputCount * featureNames.length), numbers(outputCount)).map(
    ([coefficients, intercepts]): TrainedModel => ({
      ...{ kind: "linear", task, featureNames, classCount: CLASS_COUNT[task], outputCount },
      coefficients: Float64Array.from(coefficients),
      intercepts: Float64Array.from(intercepts),
    }),
  );
}

export const predictor: fc.Arbitrary<Predictor> = view.chain((made) => {
  const names = made.outputs.map((one) => one.name).reverse();
  const model = fc.oneof(
    trees(names, "binary"),
    trees(names, "multiclass"),
    trees(names, "regression"),
    linear(names, "binary"),
    linear(names, "multiclass"),
  );
  return model.map((chosen) => ({
    ...{ name: "random", view: made, model: chosen },
    classes:
      chosen.task === "regression" ? [] : ["no", "yes", "perhaps"].slice(0, chosen.classCount),
  }));
});

const anyNumber = fc.oneof(
  ...[quarter(-3, 3), fc.constant(Number.NaN), fc.double({ min: -1e3, max: 1e3, noNaN: true })],
  fc.constantFrom(0, -0, 1e300, -1e300, 5e-324, Number.POSITIVE_INFINITY, 0.1, Math.fround(0.1)),
);
const anyText = fc.oneof(fc.constantFrom("", ...WORDS), fc.constantFrom("unknown", "A", "日本"));

export const rows: fc.Arbitrary<RawRow[]> = fc.array(
  fc.record({
    ...{ n1: anyNumber, n2: anyNumber, flag: fc.constantFrom(0, 1, Number.NaN) },
    ...{ t1: anyText, t2: anyText },
  }),
  { minLength: 1, maxLength: 12 },
);
