import { parentPort, workerData } from "node:worker_threads";
import { DuetMindError, type ErrorCode, type ErrorDetails } from "../../core/errors.ts";
import { type ExitGate, passGate } from "./exit-gate.ts";
import type { ModelFacts } from "./model-facts.ts";
import { openTextModel, type TextModelOptions } from "./text-model.ts";

/**
 * The thread that texts become vectors on. A request is some texts, its reply one result for each:
 * the vectors one after the other in one array, and of a text that is too long its chunks.
 */
export type EmbeddingRequest = Readonly<
  { kind: "embed"; texts: readonly string[] } | { kind: "close" }
>;
export type EmbeddingReply = Readonly<
  | { kind: "ready"; facts: ModelFacts }
  | {
      kind: "embedded";
      vectors: Float32Array<ArrayBuffer>;
      chunks: readonly (readonly string[] | null)[];
    }
  | { kind: "failed"; error: PlainError }
  | { kind: "closed" }
>;

export type EmbeddingWorkerData = TextModelOptions & Readonly<{ gate: ExitGate }>;

/** An error as a message can carry it: a class does not cross threads. */
export type PlainError = Readonly<{
  code: ErrorCode | null;
  message: string;
  details: ErrorDetails;
}>;

const { gate, ...options } = workerData as EmbeddingWorkerData;
const port = parentPort!;
const model = passGate(gate, () => openTextModel(options));
// One after the other, and listening from the first line: what waits for nothing blocks until V8 has
// optimised all of the WebAssembly.
let last: Promise<void> = model.then(
  ({ facts }) => reply({ kind: "ready", facts }),
  (error: unknown) => reply({ kind: "failed", error: toPlain(error) }),
);
port.on("message", (request: EmbeddingRequest) => {
  last = last.then(() => answer(request));
});

async function answer(request: EmbeddingRequest): Promise<void> {
  if (request.kind === "close") {
    await model.then(
      ({ close }) => passGate(gate, close),
      () => {}, // it was said when it failed to open
    );
    reply({ kind: "closed" });
    port.close();
    return;
  }
  try {
    reply(await embed(request.texts));
  } catch (error) {
    reply({ kind: "failed", error: toPlain(error) });
  }
}

async function embed(texts: readonly string[]): Promise<EmbeddingReply> {
  const { facts, embed } = await model;
  const vectors = new Float32Array(texts.length * facts.dimensions);
  const chunks: (readonly string[] | null)[] = [];
  for (const [i, text] of texts.entries()) {
    const result = await passGate(gate, () => embed(text));
    if (result instanceof Float32Array) vectors.set(result, i * facts.dimensions);
    chunks.push(result instanceof Float32Array ? null : result);
  }
  return { kind: "embedded", vectors, chunks };
}

function reply(message: EmbeddingReply): void {
  port.postMessage(message, message.kind === "embedded" ? [message.vectors.buffer] : []);
}

function toPlain(error: unknown): PlainError {
  if (error instanceof DuetMindError) {
    const { cause: _, ...details } = error.details;
    return { code: error.code, message: error.message, details };
  }
  return { code: null, message: (error as Error).stack ?? String(error), details: {} };
}
