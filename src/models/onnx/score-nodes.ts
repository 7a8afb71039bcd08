import type { GraphBuilder, Value } from "../../onnx/graph-builder.ts";
import type { LinearModel, TrainedModel, TreeEnsemble } from "../trained-model.ts";
import { toDouble } from "./cast-nodes.ts";

/**
 * Raw scores of a model, [rows, outputs] in double, from float32 features [rows, columns].
 *
 * Trees are a TreeEnsembleRegressor, not a classifier: its raw scores are float32 sums in tree order,
 * bit for bit what score.ts adds up (on one thread), and the sigmoid or softmax that follows is ours
 * to do in double.
 */
export function addRawScores(graph: GraphBuilder, model: TrainedModel, features: Value): Value {
  return model.kind === "linear"
    ? addLinear(graph, model, toDouble(graph, features))
    : toDouble(graph, addTrees(graph, model, features));
}

/** Probabilities [rows, classes] of a classifier; the prediction [rows, 1] of a regression. */
export function addProbabilities(graph: GraphBuilder, model: TrainedModel, raw: Value): Value {
  if (model.task === "regression") return raw;
  if (model.task === "multiclass") {
    return graph.node("Softmax", [raw], { attributes: { axis: { kind: "int", value: 1 } } });
  }
  const positive = graph.node("Sigmoid", [raw]);
  const one = graph.constant([1], { type: "double", values: Float64Array.of(1) });
  return graph.node("Concat", [graph.node("Sub", [one, positive]), positive], {
    attributes: { axis: { kind: "int", value: 1 } },
  });
}

function addLinear(graph: GraphBuilder, model: LinearModel, features: Value): Value {
  const width = model.featureNames.length;
  const transposed = new Float64Array(width * model.outputCount);
  for (let output = 0; output < model.outputCount; output++) {
    for (let j = 0; j < width; j++) {
      transposed[j * model.outputCount + output] = model.coefficients[output * width + j]!;
    }
  }
  const weights = graph.constant([width, model.outputCount], {
    type: "double",
    values: transposed,
  });
  const bias = graph.constant([model.outputCount], { type: "double", values: model.intercepts });
  return graph.node("Add", [graph.node("MatMul", [features, weights]), bias]);
}

function addTrees(graph: GraphBuilder, model: TreeEnsemble, features: Value): Value {
  const { treeStarts, feature } = model;
  const nodeCount = feature.length;
  const tree = new Int32Array(nodeCount);
  const place = new Int32Array(nodeCount);
  for (let t = 0; t + 1 < treeStarts.length; t++) {
    for (let i = treeStarts[t]!; i < treeStarts[t + 1]!; i++) {
      tree[i] = t;
      place[i] = i - treeStarts[t]!;
    }
  }
  const nodes = Array.from(feature, (_, i) => i);
  const leaves = nodes.filter((i) => feature[i] === -1);
  const isLeaf = (i: number) => feature[i] === -1;
  const ints = (value: readonly number[]) => ({ kind: "ints", value }) as const;
  return graph.node("TreeEnsembleRegressor", [features], {
    domain: "ai.onnx.ml",
    attributes: {
      aggregate_function: { kind: "string", value: "SUM" },
      n_targets: { kind: "int", value: model.outputCount },
      nodes_falsenodeids: ints(nodes.map((i) => (isLeaf(i) ? 0 : place[model.right[i]!]!))),
      nodes_featureids: ints(nodes.map((i) => (isLeaf(i) ? 0 : feature[i]!))),
      nodes_missing_value_tracks_true: ints(
        nodes.map((i) => (isLeaf(i) ? 0 : model.missingLeft[i]!)),
      ),
      nodes_modes: {
        kind: "strings",
        value: nodes.map((i) => (isLeaf(i) ? "LEAF" : "BRANCH_LEQ")),
      },
      nodes_nodeids: ints(Array.from(place)),
      nodes_treeids: ints(Array.from(tree)),
      nodes_truenodeids: ints(nodes.map((i) => (isLeaf(i) ? 0 : place[model.left[i]!]!))),
      nodes_values: { kind: "floats", value: model.threshold.map((x, i) => (isLeaf(i) ? 0 : x)) },
      post_transform: { kind: "string", value: "NONE" },
      target_ids: ints(leaves.map((i) => tree[i]! % model.outputCount)),
      target_nodeids: ints(leaves.map((i) => place[i]!)),
      target_treeids: ints(leaves.map((i) => tree[i]!)),
      target_weights: { kind: "floats", value: Float32Array.from(leaves, (i) => model.value[i]!) },
    },
  });
}
