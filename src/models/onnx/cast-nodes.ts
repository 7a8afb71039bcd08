import type { GraphBuilder, Value } from "../../onnx/graph-builder.ts";
import { LARGEST_FLOAT32 } from "../matrix.ts";

const FLOAT = 1;
const DOUBLE = 11;

export function toDouble(graph: GraphBuilder, value: Value): Value {
  return graph.node("Cast", [value], { attributes: { to: { kind: "int", value: DOUBLE } } });
}

/**
 * Rounds doubles to float32 as `toMatrix` does: what is larger than any float32 becomes the largest.
 * Comparisons, not Clip: they leave NaN alone.
 */
export function toFloat(graph: GraphBuilder, value: Value): Value {
  const rounded = graph.node("Cast", [value], {
    attributes: { to: { kind: "int", value: FLOAT } },
  });
  const largest = graph.constant([1], { type: "float", values: Float32Array.of(LARGEST_FLOAT32) });
  const smallest = graph.constant([1], {
    type: "float",
    values: Float32Array.of(-LARGEST_FLOAT32),
  });
  const below = graph.node("Where", [graph.node("Greater", [rounded, largest]), largest, rounded]);
  return graph.node("Where", [graph.node("Less", [below, smallest]), smallest, below]);
}
