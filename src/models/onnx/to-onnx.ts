import type { ClassLabel } from "../../features/feature-view.ts";
import { createGraphBuilder, type GraphBuilder, type Value } from "../../onnx/graph-builder.ts";
import type { ElementType, TensorValues } from "../../onnx/proto.ts";
import { PREDICTION, type Predictor, probabilityNames } from "../predictor.ts";
import { toFloat } from "./cast-nodes.ts";
import { addFeatures } from "./feature-nodes.ts";
import { describeInput } from "./input-nodes.ts";
import { addProbabilities, addRawScores } from "./score-nodes.ts";

/**
 * A predictor as ONNX: raw inputs → preprocessing in double → float32 → raw scores → `prediction` and
 * one `probability_<class>` for each class, every one of shape [N]. One output a class, not one
 * matrix, because mlflow.onnx makes a DataFrame of the outputs by flattening each into a column.
 */
export function toOnnx(predictor: Predictor, version: string): Uint8Array {
  const graph = createGraphBuilder();
  const features = addFeatures(graph, predictor.view, predictor.model.featureNames);
  const raw = addRawScores(graph, predictor.model, toFloat(graph, features));
  const probabilities = addProbabilities(graph, predictor.model, raw);
  if (predictor.model.task === "regression") {
    addColumn(graph, probabilities, 0, outputName(PREDICTION, predictor));
  } else {
    addLabel(graph, probabilities, predictor);
    probabilityNames(predictor).forEach((name, k) => {
      addColumn(graph, probabilities, k, outputName(name, predictor));
    });
  }
  const derived = predictor.view.inputs.filter((input) => input.source.kind !== "column");
  return graph.toBytes({
    name: predictor.name,
    producer: { name: "duetmind", version },
    doc: `${predictor.name}: predicts ${predictor.view.target.column}`,
    metadata: {
      "duetmind.feature_hash": predictor.view.feature_hash,
      "duetmind.fit_hash": predictor.view.fit_hash,
      ...Object.fromEntries(
        derived.map((input) => [`duetmind.input.${input.name}`, describeInput(input)]),
      ),
    },
  });
}

/** A raw column may be called `prediction` too; names in a graph are unique. */
export function outputName(name: string, predictor: Predictor): string {
  return predictor.view.inputs.some((input) => input.name === name)
    ? outputName(`${name}_output`, predictor)
    : name;
}

function addColumn(graph: GraphBuilder, matrix: Value, place: number, name: string): void {
  const index = graph.constant([], { type: "int64", values: BigInt64Array.of(BigInt(place)) });
  graph.node("Gather", [matrix, index], {
    output: name,
    attributes: { axis: { kind: "int", value: 1 } },
  });
  graph.output({ name, type: "double", shape: ["N"] });
}

function addLabel(graph: GraphBuilder, probabilities: Value, predictor: Predictor): void {
  const name = outputName(PREDICTION, predictor);
  const best = graph.node("ArgMax", [probabilities], {
    attributes: { axis: { kind: "int", value: 1 }, keepdims: { kind: "int", value: 0 } },
  });
  const labels = labelTensor(predictor.classes);
  graph.node("Gather", [graph.constant([predictor.classes.length], labels), best], {
    output: name,
  });
  graph.output({ name, type: labelType(predictor.classes), shape: ["N"] });
}

/** The type of a label in ONNX and in an MLmodel signature. */
export function labelType(classes: readonly ClassLabel[]): ElementType {
  if (classes.every((label) => typeof label === "boolean")) return "bool";
  if (classes.every((label) => Number.isSafeInteger(label))) return "int64";
  return classes.every((label) => typeof label === "number") ? "double" : "string";
}

function labelTensor(classes: readonly ClassLabel[]): TensorValues {
  switch (labelType(classes)) {
    case "bool":
      return { type: "bool", values: classes.map(Boolean) };
    case "int64":
      return {
        type: "int64",
        values: BigInt64Array.from(classes, (label) => BigInt(Number(label))),
      };
    case "double":
      return { type: "double", values: Float64Array.from(classes, Number) };
    default:
      return { type: "string", values: classes.map(String) };
  }
}
