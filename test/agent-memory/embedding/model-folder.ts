import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGraphBuilder, type Value } from "../../../src/onnx/graph-builder.ts";
import type { ElementType } from "../../../src/onnx/proto.ts";

/** What tests ask of a model: words are rows of a table, and the graph looks them up. */
export type TestModel = Readonly<{
  /** Vectors of `[UNK]`, `red`, `green` and `blue`. */
  table?: readonly (readonly number[])[];
  inputs?: readonly string[];
  /** `tokens`: [1, t, d]; `text`: their sum, [1, d]; others are wrong on purpose. */
  output?: "tokens" | "text" | "flat" | "numbers";
}>;

export const WORDS = ["[UNK]", "red", "green", "blue"];
const TABLE = [
  [0, 0, 0],
  [1, 0, 0],
  [0, 2, 0],
  [0, 0, 3],
];

export function testGraph({ table = TABLE, inputs = ["input_ids"], output = "tokens" }: TestModel) {
  const graph = createGraphBuilder();
  const values = inputs.map((name) => graph.input({ name, type: "int64", shape: ["b", "t"] }));
  const width = table[0]!.length;
  const words = graph.constant([table.length, width], {
    type: "float",
    values: Float32Array.from(table.flat()),
  });
  const ids = values
    .slice(1)
    .reduce((sum, each, i) => addTo(graph, inputs[i + 1]!, sum, each), values[0]!);
  const give = (name: string, type: ElementType, operator: string, from: readonly Value[]) => {
    graph.node(operator, from, { output: name });
    graph.output({ name, type });
  };
  const axis = graph.constant([1], { type: "int64", values: BigInt64Array.of(1n) });
  const rows = graph.node("Gather", [words, ids]);
  if (output === "tokens") give("last_hidden_state", "float", "Identity", [rows]);
  if (output === "text") {
    const sum = graph.node("ReduceSum", [rows, axis], {
      attributes: { keepdims: { kind: "int", value: 0 } },
    });
    give("sentence_embedding", "float", "Identity", [sum]);
  }
  if (output === "flat") {
    const shape = graph.constant([1], { type: "int64", values: BigInt64Array.of(-1n) });
    give("out", "float", "Reshape", [rows, shape]);
  }
  if (output === "numbers") give("out", "int64", "Identity", [ids]);
  return graph.toBytes({
    ...{ name: "test", doc: "", metadata: {} },
    producer: { name: "test", version: "1" },
  });
}

/** A mask of ones times the ids is the ids; types of zeros plus the ids are too. */
function addTo(
  graph: ReturnType<typeof createGraphBuilder>,
  name: string,
  ids: Value,
  other: Value,
): Value {
  return graph.node(name === "attention_mask" ? "Mul" : "Add", [ids, other]);
}

export const TOKENIZER = {
  version: "1.0",
  truncation: { max_length: 2, strategy: "LongestFirst", stride: 0 },
  padding: null,
  added_tokens: [],
  normalizer: { type: "Lowercase" },
  pre_tokenizer: { type: "Whitespace" },
  post_processor: null,
  decoder: null,
  model: {
    ...{ type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##" },
    vocab: Object.fromEntries(WORDS.map((word, i) => [word, i])),
  },
};

/** Writes a model folder; `files` are further ones, or others in the place of these. */
export function writeModelFolder(
  folder: string,
  model: TestModel = {},
  files: Readonly<Record<string, string | Uint8Array>> = {},
): string {
  const all = {
    "model.onnx": testGraph(model),
    "tokenizer.json": JSON.stringify(TOKENIZER),
    ...files,
  };
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}
