import { DuetMindError } from "../../core/errors.ts";
import { digestJson } from "../../core/hash.ts";
import { loadOnnxRuntime } from "../../onnx/runtime.ts";
import { chunkText } from "./chunk-text.ts";
import { openModelFolder } from "./folder-source.ts";
import { findMiniLm, openMiniLm } from "./minilm-source.ts";
import { type EmbeddingParams, MINILM } from "./params.ts";
import { openTokenRunner } from "./token-runner.ts";

/** A model in a runtime: what a thread works with. */
export type TextModel = Readonly<{
  facts: ModelFacts;
  /** The vector of a text, of length 1; of a text that is too long its chunks instead. */
  embed(text: string): Promise<Float32Array | string[]>;
  close(): Promise<void>;
}>;

export type ModelFacts = Readonly<{
  fingerprint: string;
  model: string;
  runtime: "native" | "wasm";
  dimensions: number;
}>;

export type TextModelOptions = Readonly<{
  /** `model` as `minilm` or the path of a folder. */
  params: EmbeddingParams;
  /** Where graphs are kept. */
  folder: string;
}>;

const RUNTIMES = { auto: undefined, native: "onnxruntime-node", wasm: "onnxruntime-web" } as const;

/** Opens the model that the parameters name, from disk alone. */
export async function openTextModel({ params, folder }: TextModelOptions): Promise<TextModel> {
  const [source, runtime] = await Promise.all([
    params.model === MINILM
      ? findMiniLm().then((files) => openMiniLm(files, params.dtype, folder))
      : openModelFolder(params.model),
    loadOnnxRuntime(RUNTIMES[params.runtime]),
  ]);
  const { tokens, positions } = source;
  const limit = params.max_tokens;
  if (positions !== undefined && limit > positions) {
    throw new DuetMindError(
      "CONFIG_INVALID",
      `memory.embedding: max_tokens: expected at most ${positions}, which ${source.name} has places for, got ${limit}`,
    );
  }
  const runner = await openTokenRunner(source, runtime);
  const { length: dimensions } = await runner.run(
    tokens.encode("a text that shows the dimensions"),
  );
  const runtimeName = runtime.name === "onnxruntime-node" ? "native" : "wasm";
  const origin = { pooling: source.pooling, runtime: runtimeName, max_tokens: limit };
  const chunkLimits = { tokens: limit - tokens.marks, overlap: params.overlap_tokens };
  return {
    facts: {
      fingerprint: digestJson({ ...source.parts, ...origin }),
      model: source.name,
      runtime: runtimeName,
      dimensions,
    },
    async embed(text) {
      const ids = tokens.encode(text);
      if (ids.length === 0) return new Float32Array(dimensions); // there is nothing to read
      if (ids.length <= limit) return runner.run(ids);
      return chunkText(text, chunkLimits, (part) => tokens.encode(part).length - tokens.marks);
    },
    close: () => runner.close(),
  };
}
