import type { NumericStep } from "../../features/feature-view.ts";
import type { GraphBuilder, Value } from "../../onnx/graph-builder.ts";
import { toDouble } from "./cast-nodes.ts";

/** A double as a constant that broadcasts over [rows, 1]. */
export function number(graph: GraphBuilder, value: number): Value {
  return graph.constant([1], { type: "double", values: Float64Array.of(value) });
}

/** Steps on a column of doubles, each as feature-view.ts defines it; NaN stays NaN but for impute. */
export function addSteps(graph: GraphBuilder, input: Value, steps: readonly NumericStep[]): Value {
  return steps.reduce((value, step) => addStep(graph, value, step), input);
}

function addStep(graph: GraphBuilder, x: Value, step: NumericStep): Value {
  switch (step.op) {
    case "impute":
      return graph.node("Where", [graph.node("IsNaN", [x]), number(graph, step.value), x]);
    case "clip": {
      // not the operator Clip: what it does with NaN is not defined
      const raised = step.min === null ? x : replaceWhere(graph, "Less", x, step.min);
      return step.max === null ? raised : replaceWhere(graph, "Greater", raised, step.max);
    }
    case "log": {
      const shifted = graph.node("Add", [x, number(graph, step.offset)]);
      const undefinedAt = graph.node("LessOrEqual", [shifted, number(graph, 0)]);
      return graph.node("Log", [
        graph.node("Where", [undefinedAt, number(graph, Number.NaN), shifted]),
      ]);
    }
    case "scale": {
      const centred = graph.node("Sub", [x, number(graph, step.center)]);
      return graph.node("Div", [centred, number(graph, step.scale)]);
    }
    case "bin":
      return addBin(graph, x, step.edges);
  }
}

function replaceWhere(
  graph: GraphBuilder,
  test: "Less" | "Greater",
  x: Value,
  bound: number,
): Value {
  const limit = number(graph, bound);
  return graph.node("Where", [graph.node(test, [x, limit]), limit, x]);
}

/** How many edges are <= x: one comparison with all edges at once. */
function addBin(graph: GraphBuilder, x: Value, edges: readonly number[]): Value {
  const row = graph.constant([edges.length], { type: "double", values: Float64Array.from(edges) });
  const reached = toDouble(graph, graph.node("GreaterOrEqual", [x, row]));
  const axis = graph.constant([1], { type: "int64", values: BigInt64Array.of(1n) });
  const count = graph.node("ReduceSum", [reached, axis], {
    attributes: { keepdims: { kind: "int", value: 1 } },
  });
  return graph.node("Where", [graph.node("IsNaN", [x]), x, count]);
}
