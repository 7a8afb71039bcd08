import { DuetMindError } from "../../core/errors.ts";
import { digestJson } from "../../core/hash.ts";
import { findOnnxRuntime, type RuntimeName } from "../../onnx/runtime.ts";
import { HIDDEN } from "./minilm-graph.ts";
import { miniLmIdentity } from "./minilm-identity.ts";
import type { ModelIdentity } from "./model-source.ts";
import { type EmbeddingParams, MINILM } from "./params.ts";

export type ModelFacts = Readonly<{
  fingerprint: string;
  model: string;
  runtime: "native" | "wasm";
  dimensions: number;
}>;

/** The runtime that `memory.embedding.runtime` names; undefined is the best that is installed. */
export const RUNTIMES = {
  auto: undefined,
  native: "onnxruntime-node",
  wasm: "onnxruntime-web",
} as const;

/** What is said of a model in a runtime. A text may not be longer than the model has places for. */
export function toModelFacts(
  { name: model, parts, pooling, positions }: ModelIdentity,
  params: EmbeddingParams,
  runtimeName: RuntimeName,
  dimensions: number,
): ModelFacts {
  const { max_tokens } = params;
  if (positions !== undefined && max_tokens > positions) {
    throw new DuetMindError(
      "CONFIG_INVALID",
      `memory.embedding: max_tokens: expected at most ${positions}, which ${model} has places for, got ${max_tokens}`,
    );
  }
  const runtime = runtimeName === "onnxruntime-node" ? "native" : "wasm";
  const fingerprint = digestJson({ ...parts, pooling, runtime, max_tokens });
  return { fingerprint, model, runtime, dimensions };
}

/**
 * The facts of the model that comes with DuetMind, whose files are of one version, without reading them:
 * what never embeds a text need not wait for 46 MB. A folder says what it is only when it is opened.
 */
export async function knownFacts(params: EmbeddingParams): Promise<ModelFacts | undefined> {
  if (params.model !== MINILM) return undefined;
  const runtime = await findOnnxRuntime(RUNTIMES[params.runtime]);
  return toModelFacts(miniLmIdentity(params.dtype), params, runtime, HIDDEN);
}
