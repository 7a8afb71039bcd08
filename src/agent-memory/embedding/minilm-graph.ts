import { createGraphBuilder, type GraphBuilder, type Value } from "../../onnx/graph-builder.ts";
import type { Attribute } from "../../onnx/proto.ts";
import { quantiseRows } from "./quantise-rows.ts";
import type { SafeTensors } from "./read-safetensors.ts";
import { transpose } from "./transpose.ts";

/**
 * all-MiniLM-L6-v2 as an ONNX graph: `input_ids` [texts, tokens] → `sentence_embedding` [texts, 384],
 * the mean over the tokens with length 1. A BERT of 6 layers with the norm after each part; each layer
 * is attention over 12 heads of 32 and a network of 1536 inside. There is no mask, because texts run
 * one by one: texts of one call must have the same number of tokens.
 *
 * As int8 the weights of a matrix have a scale for each of its outputs, and what is multiplied with
 * them is quantised as it comes, with one scale for the whole call. So the vector of a text would
 * depend on the texts beside it, which is why each runs alone.
 */
export type Dtype = "int8" | "fp32";

/** Changes with everything here that changes a vector. */
export const GRAPH_VERSION = 2;

const LAYERS = 6;
const HEADS = 12;
/** The numbers of a vector. */
export const HIDDEN = 384;
const INNER = 1536;
const VOCABULARY = 30_522;
/** The longest text that the model has places for. */
export const POSITIONS = 512;

/**
 * Not 127: processors without VNNI add two products of a byte (up to 255) and a weight in 16 bits, and
 * what does not fit is cut off there. 2 · 255 · 64 fits, so that all processors get the same sums.
 */
const MATRIX_BOUND = 64;

/** Gelu came with opset 20; products of int8 and attention in one step are of ONNX Runtime's own. */
const MICROSOFT = "com.microsoft";
const OPSETS = [
  { domain: "", version: 20 },
  { domain: MICROSOFT, version: 1 },
];

/** The bytes of the graph: the same on every machine. */
export function miniLmGraph(tensors: SafeTensors, dtype: Dtype): Uint8Array {
  const graph = createGraphBuilder(OPSETS);
  const layers = { graph, tensors, dtype };
  const ids = graph.input({ name: "input_ids", type: "int64", shape: ["texts", "tokens"] });
  let x = addEmbeddings(layers, ids);
  for (let layer = 0; layer < LAYERS; layer++) x = addLayer(layers, x, `encoder.layer.${layer}`);
  const mean = graph.node("ReduceMean", [x, ints(graph, 1)], { attributes: { keepdims: int(0) } });
  const length = graph.node("ReduceL2", [mean, ints(graph, 1)]);
  const floor = graph.constant([1], { type: "float", values: Float32Array.of(1e-12) });
  const output = "sentence_embedding";
  graph.node("Div", [mean, graph.node("Max", [length, floor])], { output });
  graph.output({ name: output, type: "float", shape: ["texts", HIDDEN] });
  return graph.toBytes({
    name: "all-MiniLM-L6-v2",
    producer: { name: "duetmind", version: String(GRAPH_VERSION) },
    doc: `all-MiniLM-L6-v2 (Apache-2.0), ${dtype}`,
    metadata: {},
  });
}

type Layers = Readonly<{ graph: GraphBuilder; tensors: SafeTensors; dtype: Dtype }>;

function addEmbeddings(layers: Layers, ids: Value): Value {
  const { graph, tensors } = layers;
  const places = tensors.read("embeddings.position_embeddings.weight", [POSITIONS, HIDDEN]);
  const types = tensors.read("embeddings.token_type_embeddings.weight", [2, HIDDEN]);
  // every token is of the first type, so its row can be added here
  const table = graph.weights([POSITIONS, HIDDEN], {
    type: "float",
    values: places.map((value, i) => value + types[i % HIDDEN]!),
  });
  const tokens = graph.node("Shape", [ids], { attributes: { start: int(1), end: int(2) } });
  const used = graph.node("Slice", [table, ints(graph, 0), tokens, ints(graph, 0)]);
  return addNorm(layers, graph.node("Add", [addWords(layers, ids), used]), "embeddings.LayerNorm");
}

function addWords({ graph, tensors, dtype }: Layers, ids: Value): Value {
  const words = tensors.read("embeddings.word_embeddings.weight", [VOCABULARY, HIDDEN]);
  const dims = [VOCABULARY, HIDDEN];
  if (dtype === "fp32") {
    return graph.node("Gather", [graph.weights(dims, { type: "float", values: words }), ids]);
  }
  const { values, scales } = quantiseRows(words, HIDDEN, 127);
  const rows = graph.node("Gather", [graph.weights(dims, { type: "int8", values }), ids]);
  const scale = graph.weights([VOCABULARY, 1], { type: "float", values: scales });
  const floats = graph.node("Cast", [rows], { attributes: { to: int(1) } });
  return graph.node("Mul", [floats, graph.node("Gather", [scale, ids])]);
}

function addLayer(layers: Layers, x: Value, name: string): Value {
  const { graph, tensors } = layers;
  const attention = `${name}.attention`;
  const all = addLinear(layers, x, queryKeyValue(tensors, `${attention}.self`));
  const heard = graph.node("MultiHeadAttention", graph.split(all, 2, 3), {
    domain: MICROSOFT,
    attributes: { num_heads: int(HEADS) },
  });
  const dense = readMatrix(tensors, `${attention}.output.dense`, HIDDEN, HIDDEN);
  const attended = graph.node("Add", [addLinear(layers, heard, dense), x]);
  const middle = addNorm(layers, attended, `${attention}.output.LayerNorm`);
  const wide = readMatrix(tensors, `${name}.intermediate.dense`, INNER, HIDDEN);
  const inner = graph.node("Gelu", [addLinear(layers, middle, wide)]);
  const narrow = readMatrix(tensors, `${name}.output.dense`, HIDDEN, INNER);
  const outer = graph.node("Add", [addLinear(layers, inner, narrow), middle]);
  return addNorm(layers, outer, `${name}.output.LayerNorm`);
}

/** `rows` outputs of `columns` inputs, row by row, as PyTorch keeps them. */
type Matrix = Readonly<{
  weights: Float32Array;
  bias: Float32Array;
  rows: number;
  columns: number;
}>;

function readMatrix(tensors: SafeTensors, name: string, rows: number, columns: number): Matrix {
  const weights = tensors.read(`${name}.weight`, [rows, columns]);
  return { weights, bias: tensors.read(`${name}.bias`, [rows]), rows, columns };
}

/** The three matrices of attention as one, whose product is taken at once. */
function queryKeyValue(tensors: SafeTensors, name: string): Matrix {
  const weights = new Float32Array(3 * HIDDEN * HIDDEN);
  const bias = new Float32Array(3 * HIDDEN);
  for (const [i, part] of ["query", "key", "value"].entries()) {
    const matrix = readMatrix(tensors, `${name}.${part}`, HIDDEN, HIDDEN);
    weights.set(matrix.weights, i * HIDDEN * HIDDEN);
    bias.set(matrix.bias, i * HIDDEN);
  }
  return { weights, bias, rows: 3 * HIDDEN, columns: HIDDEN };
}

function addLinear({ graph, dtype }: Layers, x: Value, matrix: Matrix): Value {
  const { rows, columns } = matrix;
  const dims = [columns, rows];
  const bias = graph.weights([rows], { type: "float", values: matrix.bias });
  if (dtype === "fp32") {
    const values = transpose(matrix.weights, columns);
    const product = graph.node("MatMul", [x, graph.weights(dims, { type: "float", values })]);
    return graph.node("Add", [product, bias]);
  }
  const quantised = quantiseRows(matrix.weights, columns, MATRIX_BOUND);
  const values = transpose(quantised.values, columns);
  const weights = graph.weights(dims, { type: "int8", values });
  const scales = graph.weights([rows], { type: "float", values: quantised.scales });
  const inputs = [x, weights, scales, NO_ZERO_POINT, bias];
  return graph.node("DynamicQuantizeMatMul", inputs, { domain: MICROSOFT });
}

/** An input that is left out has no name. */
const NO_ZERO_POINT = "" as Value;

function addNorm({ graph, tensors }: Layers, x: Value, name: string): Value {
  const [scale, shift] = ["weight", "bias"].map((part) => {
    const values = tensors.read(`${name}.${part}`, [HIDDEN]);
    return graph.weights([HIDDEN], { type: "float", values });
  });
  return graph.node("LayerNormalization", [x, scale!, shift!], {
    attributes: { axis: int(-1), epsilon: { kind: "float", value: 1e-12 } },
  });
}

function int(value: number): Attribute {
  return { kind: "int", value };
}

function ints(graph: GraphBuilder, ...values: readonly number[]): Value {
  return graph.constant([values.length], {
    type: "int64",
    values: BigInt64Array.from(values, BigInt),
  });
}
