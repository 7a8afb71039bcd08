import { loadOnnxRuntime } from "../../onnx/runtime.ts";
import { chunkText } from "./chunk-text.ts";
import { openModelFolder } from "./folder-source.ts";
import { findMiniLm, openMiniLm } from "./minilm-source.ts";
import { type ModelFacts, RUNTIMES, toModelFacts } from "./model-facts.ts";
import { type EmbeddingParams, MINILM } from "./params.ts";
import { openTokenRunner } from "./token-runner.ts";

/** A model in a runtime: what a thread works with. */
export type TextModel = Readonly<{
  facts: ModelFacts;
  /** The vector of a text, of length 1; of a text that is too long its chunks instead. */
  embed(text: string): Promise<Float32Array | string[]>;
  close(): Promise<void>;
}>;

export type TextModelOptions = Readonly<{
  /** `model` as `minilm` or the path of a folder. */
  params: EmbeddingParams;
  /** Where graphs are kept. */
  folder: string;
}>;

/** Opens the model that the parameters name, from disk alone. */
export async function openTextModel({ params, folder }: TextModelOptions): Promise<TextModel> {
  const [source, runtime] = await Promise.all([
    params.model === MINILM
      ? findMiniLm().then((files) => openMiniLm(files, params.dtype, folder))
      : openModelFolder(params.model),
    loadOnnxRuntime(RUNTIMES[params.runtime]),
  ]);
  const { tokens } = source;
  const limit = params.max_tokens;
  const runner = await openTokenRunner(source, runtime);
  const { length: dimensions } = await runner.run(
    tokens.encode("a text that shows the dimensions"),
  );
  const chunkLimits = { tokens: limit - tokens.marks, overlap: params.overlap_tokens };
  return {
    facts: toModelFacts(source, params, runtime.name, dimensions),
    async embed(text) {
      const ids = tokens.encode(text);
      if (ids.length === 0) return new Float32Array(dimensions); // there is nothing to read
      if (ids.length <= limit) return runner.run(ids);
      return chunkText(text, chunkLimits, (part) => tokens.encode(part).length - tokens.marks);
    },
    close: () => runner.close(),
  };
}
