import { DuetMindError } from "../../core/errors.ts";
import { startWorker } from "../../core/worker.ts";
import type {
  EmbeddingReply,
  EmbeddingRequest,
  EmbeddingWorkerData,
  PlainError,
} from "./embedding-worker.ts";
import { createExitGate, shutGate } from "./exit-gate.ts";
import type { ModelFacts } from "./model-facts.ts";
import type { TextModelOptions } from "./text-model.ts";

/** A thread with the model in it; the process may end while it has nothing to do. */
export type EmbeddingThread = Readonly<{
  facts: ModelFacts;
  /** For each text its vector, or its chunks where it is too long. One call at a time. */
  embed(texts: readonly string[]): Promise<(Float32Array | readonly string[])[]>;
  close(): Promise<void>;
}>;

/** Starts a thread and opens the model in it. */
export async function startEmbeddingThread(options: TextModelOptions): Promise<EmbeddingThread> {
  const gate = createExitGate();
  const data: EmbeddingWorkerData = { ...options, gate };
  const worker = startWorker<EmbeddingRequest, EmbeddingReply>(
    "agent-memory/embedding/embedding-worker",
    data,
  );
  const onExit = () => shutGate(gate);
  process.once("exit", onExit);
  async function receive<T extends EmbeddingReply>(
    accept: (reply: EmbeddingReply) => reply is T,
  ): Promise<T> {
    const reply = await worker.next(
      (each): each is T | Failed => each.kind === "failed" || accept(each),
    );
    worker.unref();
    if (reply.kind === "failed") throw fromPlain((reply as Failed).error);
    return reply as T;
  }
  async function close() {
    worker.ref();
    worker.post({ kind: "close" });
    // a thread that ended by itself does not say so, and is closed as well
    await receive((each) => each.kind === "closed").catch(() => {});
    process.off("exit", onExit);
  }
  const { facts } = await receive((each) => each.kind === "ready").catch(async (error) => {
    await close();
    throw error;
  });
  return {
    facts,
    async embed(texts) {
      worker.ref();
      worker.post({ kind: "embed", texts });
      const { vectors, chunks } = await receive((each) => each.kind === "embedded");
      const width = facts.dimensions;
      return chunks.map((each, i) => each ?? vectors.slice(i * width, (i + 1) * width));
    },
    close,
  };
}

type Failed = Extract<EmbeddingReply, { kind: "failed" }>;

function fromPlain({ code, message, details }: PlainError): Error {
  return code === null ? new Error(message) : new DuetMindError(code, message, details);
}
