import type { FeatureView, FittedOutput } from "../../features/feature-view.ts";
import type { GraphBuilder, Value } from "../../onnx/graph-builder.ts";
import { toDouble } from "./cast-nodes.ts";
import { addInputs, type InputColumns, inputsFor } from "./input-nodes.ts";
import { addSteps, number } from "./step-nodes.ts";

/**
 * The preprocessing of a feature view as a graph: raw inputs → features [rows, columns] in double, in
 * the order of `names`.
 *
 * Text is looked up once: a LabelEncoder turns each text input into the number of its word in a list
 * of all words that its outputs name (then "unknown", then "missing"), and every output is a
 * comparison with that number or a Gather from a table of doubles, which loses no bit.
 */
export function addFeatures(
  graph: GraphBuilder,
  view: FeatureView,
  names: readonly string[],
): Value {
  const byName = new Map(view.outputs.map((output) => [output.name, output]));
  const outputs = names.map((name) => byName.get(name)!);
  const used = inputsFor(view, names);
  const columns = addInputs(graph, used);
  const codes = new Map(
    used
      .filter((input) => input.type === "text")
      .map((input) => [
        input.name,
        addCode(graph, columns.get(input.name)!, wordsOf(outputs, input.name)),
      ]),
  );
  const features = outputs.map((output) => addOutput(graph, output, columns, codes));
  return graph.node("Concat", features, { attributes: { axis: { kind: "int", value: 1 } } });
}

/** A text input as the number of its word: words, then one number for unknown and one for missing. */
type Code = Readonly<{ value: Value; words: readonly string[] }>;

function wordsOf(outputs: readonly FittedOutput[], input: string): string[] {
  const words = outputs.flatMap((output) => {
    if (output.kind === "indicator" && output.input === input) return [output.value];
    if (output.kind === "lookup" && output.input === input)
      return output.entries.map(([word]) => word);
    return [];
  });
  return [...new Set(words)].filter((word) => word !== ""); // "" is missing
}

function addCode(graph: GraphBuilder, text: Value, words: readonly string[]): Code {
  const value = graph.node("LabelEncoder", [text], {
    domain: "ai.onnx.ml",
    attributes: {
      default_int64: { kind: "int", value: words.length },
      keys_strings: { kind: "strings", value: [...words, ""] },
      values_int64s: { kind: "ints", value: [...words.keys(), words.length + 1] },
    },
  });
  return { value, words };
}

function addOutput(
  graph: GraphBuilder,
  output: FittedOutput,
  columns: InputColumns,
  codes: ReadonlyMap<string, Code>,
): Value {
  switch (output.kind) {
    case "numeric":
      return addSteps(graph, columns.get(output.input)!, output.steps);
    case "indicator":
      return equalsCode(
        graph,
        codes.get(output.input)!,
        codes.get(output.input)!.words.indexOf(output.value),
      );
    case "missing": {
      const code = codes.get(output.input);
      return code === undefined
        ? toDouble(graph, graph.node("IsNaN", [columns.get(output.input)!]))
        : equalsCode(graph, code, code.words.length + 1);
    }
    case "lookup": {
      const { value, words } = codes.get(output.input)!;
      const entries = new Map(output.entries);
      const other = output.other ?? Number.NaN;
      const table = [...words.map((word) => entries.get(word) ?? other), other];
      const values = Float64Array.of(...table, output.missing ?? Number.NaN);
      return graph.node("Gather", [
        graph.constant([values.length], { type: "double", values }),
        value,
      ]);
    }
    case "product": {
      const [first, ...rest] = output.factors.map((name) => columns.get(name)!);
      const product = rest.reduce((left, right) => graph.node("Mul", [left, right]), first!);
      return addSteps(graph, product, output.steps);
    }
    case "ratio": {
      const [top, bottom] = [columns.get(output.numerator)!, columns.get(output.denominator)!];
      const isZero = graph.node("Equal", [bottom, number(graph, 0)]);
      const divisor = graph.node("Where", [isZero, number(graph, Number.NaN), bottom]);
      return addSteps(graph, graph.node("Div", [top, divisor]), output.steps);
    }
  }
}

/** An indicator of "" never matches, as text that is "" is missing: its place is -1. */
function equalsCode(graph: GraphBuilder, code: Code, place: number): Value {
  const wanted = graph.constant([1], { type: "int64", values: BigInt64Array.of(BigInt(place)) });
  return toDouble(graph, graph.node("Equal", [code.value, wanted]));
}
