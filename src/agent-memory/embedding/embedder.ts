import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import type { Effects } from "../../core/effects.ts";
import type { Environment } from "../../core/environment.ts";
import { DuetMindError } from "../../core/errors.ts";
import { stateFolder } from "../../core/state-folder.ts";
import { createEmbeddingQueue } from "./embedding-queue.ts";
import { type EmbeddingThread, startEmbeddingThread } from "./embedding-thread.ts";
import { knownFacts, type ModelFacts } from "./model-facts.ts";
import { type EmbeddingParams, MINILM } from "./params.ts";
import type { TextModelOptions } from "./text-model.ts";
import { toUnit } from "./to-unit.ts";

/** Turns texts into vectors, on threads of its own and without a network. */
export type Embedder = Readonly<{
  /**
   * Digest of what a vector depends on: files of the model, type of its numbers, runtime, pooling,
   * token limit. Vectors of two fingerprints are never compared.
   */
  fingerprint: string;
  /** For people, such as "all-MiniLM-L6-v2". */
  model: string;
  runtime: "native" | "wasm";
  dimensions: number;
  /**
   * Vectors of length 1, for each text those of its chunks, in order; at least one. A text has the
   * same bytes whatever is beside it. The words of a long text are all in some chunk.
   */
  embed(
    texts: readonly string[],
    options?: Readonly<{ signal?: AbortSignal }>,
  ): Promise<Float32Array[][]>;
  /** One vector of a query: the mean of its chunks, of length 1. Goes before texts that wait. */
  embedQuery(text: string): Promise<Float32Array>;
  close(): Promise<void>;
}>;

export type EmbedderOptions = Readonly<{
  /** Folder of the project. */
  root: string;
  params: EmbeddingParams;
  effects: Effects;
  /** For `DUETMIND_DIR`. */
  env?: Environment;
  /** Opens the model with the first text, where it can be told what it is without opening it. */
  isLazy?: boolean;
}>;

/** Opens the model of `memory.embedding`; its graph is built at the first start and kept. */
export async function openEmbedder(options: EmbedderOptions): Promise<Embedder> {
  const { root, effects, env = {}, isLazy = false } = options;
  const { model } = options.params;
  const params = { ...options.params, model: model === MINILM ? model : resolve(root, model) };
  const folder = join(stateFolder(root, env), "models");
  const known = isLazy ? await knownFacts(params) : undefined;
  const first = known === undefined ? await startEmbeddingThread({ params, folder }) : undefined;
  const facts = (known ?? first?.facts)!;
  const start = () => startAlike(facts, { params, folder });
  const queue = createEmbeddingQueue(first, threadsOf(params), start);
  return {
    ...facts,
    embed: (texts, { signal } = {}) =>
      queue.embed(texts, {
        isQuery: false,
        signals: signal === undefined ? [effects.signal] : [effects.signal, signal],
      }),
    async embedQuery(text) {
      const [chunks] = await queue.embed([text], { isQuery: true, signals: [effects.signal] });
      return meanOf(chunks!);
    },
    close: () => queue.close(),
  };
}

/** A thread whose vectors can be compared with the others': files may be changed while a process runs. */
async function startAlike(facts: ModelFacts, options: TextModelOptions): Promise<EmbeddingThread> {
  const thread = await startEmbeddingThread(options);
  if (thread.facts.fingerprint === facts.fingerprint) return thread;
  await thread.close();
  throw new DuetMindError(
    "CHECKSUM_MISMATCH",
    `memory.embedding: expected the model ${facts.fingerprint}, got ${thread.facts.fingerprint}`,
    { hint: "the files of the model were changed meanwhile: start again" },
  );
}

/** One thread leaves a small machine to the database; a larger one has four and half of it free. */
function threadsOf({ threads }: EmbeddingParams): number {
  if (threads !== "auto") return threads;
  return Math.min(4, Math.max(1, availableParallelism() >> 1));
}

function meanOf(vectors: readonly Float32Array[]): Float32Array {
  const [first] = vectors;
  if (vectors.length === 1) return first!;
  const sum = new Float64Array(first!.length);
  for (const vector of vectors) {
    for (const [i, value] of vector.entries()) sum[i] = sum[i]! + value;
  }
  return toUnit(sum);
}
