import type { FeatureView, FittedInput, FittedOutput } from "../../features/feature-view.ts";
import type { GraphBuilder, Value } from "../../onnx/graph-builder.ts";
import type { ValueInfo } from "../../onnx/proto.ts";

/** The inputs of a graph as columns [rows, 1]: doubles, or text. */
export type InputColumns = ReadonlyMap<string, Value>;

/** The inputs of a view that features of these names are computed from: those that a graph has. */
export function inputsFor(view: FeatureView, features: readonly string[]): FittedInput[] {
  const wanted = new Set(features);
  const outputs = view.outputs.filter((output) => wanted.has(output.name));
  const used = new Set(outputs.flatMap(inputNames));
  return view.inputs.filter((input) => used.has(input.name));
}

function inputNames(output: FittedOutput): readonly string[] {
  if (output.kind === "product") return output.factors;
  return output.kind === "ratio" ? [output.numerator, output.denominator] : [output.input];
}

/**
 * One input for each raw value: double for numbers and booleans (missing is NaN), string for text
 * (missing is ""). Shape [N], because that is what mlflow.onnx feeds for a column of a DataFrame; a
 * graph with a single input is fed the frame's values there, [N, 1]. Either becomes [N, 1] inside.
 */
export function addInputs(graph: GraphBuilder, inputs: readonly FittedInput[]): InputColumns {
  const infos = inputs.map((input) => inputInfo(input, inputs.length));
  const values = infos.map((info) => graph.input(info));
  const column = graph.constant([2], { type: "int64", values: BigInt64Array.of(-1n, 1n) });
  return new Map(
    inputs.map((input, i) => [input.name, graph.node("Reshape", [values[i]!, column])]),
  );
}

function inputInfo(input: FittedInput, inputCount: number): ValueInfo {
  return {
    name: input.name,
    type: input.type === "text" ? "string" : "double",
    shape: inputCount === 1 ? ["N", 1] : ["N"],
    doc: describeInput(input),
  };
}

/** What a caller has to put in: ONNX has no dates and no SQL, so those come already computed. */
export function describeInput(input: FittedInput): string {
  const missing = input.type === "text" ? 'missing is ""' : "missing is NaN";
  switch (input.source.kind) {
    case "column":
      return `column ${input.source.column} (${input.source.columnType}); ${missing}`;
    case "datetime_part": {
      const since = input.source.since === undefined ? "" : ` since ${input.source.since}`;
      return `already computed: ${input.source.part}${since} of column ${input.source.column}; ${missing}`;
    }
    case "sql":
      return `already computed: SQL ${input.source.expression}; ${missing}`;
  }
}
