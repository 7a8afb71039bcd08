import { DuetMindError } from "../../core/errors.ts";
import { throwIfInterrupted } from "../../core/interrupted.ts";
import type { EmbeddingThread } from "./embedding-thread.ts";

/**
 * Shares threads among callers. A free thread takes a few texts of the next caller, in turn, and of
 * queries before all others: a question waits for a few texts and never for a whole batch. Threads
 * start when there is more to do than those that run can take; one that fails is given up, and the
 * next text starts another.
 */
export type EmbeddingQueue = Readonly<{
  /** The vectors of each text: one, or one for each of its chunks. */
  embed(texts: readonly string[], options: CallOptions): Promise<Float32Array[][]>;
  close(): Promise<void>;
}>;

export type CallOptions = Readonly<{ isQuery: boolean; signals: readonly AbortSignal[] }>;

/** Texts that a thread takes at once: ten milliseconds or so. */
const SLICE = 8;
/** Calls that may wait at once. */
const MAX_CALLS = 1024;

type Call = Readonly<{
  isQuery: boolean;
  /** Each text once, and the chunks of those that turned out to be too long. */
  texts: Set<string>;
  waiting: string[];
  results: Map<string, Float32Array | readonly string[]>;
  finish(error?: unknown): void;
}>;

/** `first` is open, where there is one; `start` opens another, and there are `threads` at most. */
export function createEmbeddingQueue(
  first: EmbeddingThread | undefined,
  threads: number,
  start: () => Promise<EmbeddingThread>,
): EmbeddingQueue {
  const idle = first === undefined ? [] : [first];
  const open = new Set(idle);
  let calls: Call[] = [];
  let most = threads;
  let starting = 0;
  let isClosed = false;

  function handOut(): void {
    for (;;) {
      const ready = calls.filter(({ waiting }) => waiting.length > 0);
      const call = ready.find(({ isQuery }) => isQuery) ?? ready[0];
      if (call === undefined) return;
      const thread = idle.pop();
      if (thread === undefined) {
        const count = ready.reduce((sum, { waiting }) => sum + waiting.length, 0);
        if (open.size + starting === 0 || (count > SLICE && open.size + starting < most)) {
          void startAnother();
        }
        return;
      }
      calls = [...calls.filter((each) => each !== call), call];
      void work(thread, call, call.waiting.splice(0, SLICE));
    }
  }

  async function startAnother(): Promise<void> {
    starting += 1;
    try {
      const thread = await start();
      open.add(thread);
      idle.push(thread);
      if (isClosed) await giveUp(thread);
    } catch (error) {
      if (open.size === 0) for (const call of calls) call.finish(error);
      else most = open.size; // there may be no memory for more: these go on
    } finally {
      starting -= 1;
      handOut();
    }
  }

  async function work(thread: EmbeddingThread, call: Call, texts: readonly string[]) {
    try {
      const results = await thread.embed(texts);
      idle.push(thread);
      for (const [i, result] of results.entries()) {
        call.results.set(texts[i]!, result);
        if (!(result instanceof Float32Array)) addTexts(call, result);
      }
      if (call.results.size === call.texts.size) call.finish();
    } catch (error) {
      call.finish(error);
      void giveUp(thread);
    }
    handOut();
  }

  function giveUp(thread: EmbeddingThread): Promise<void> {
    open.delete(thread);
    if (idle.includes(thread)) idle.splice(idle.indexOf(thread), 1);
    return thread.close();
  }

  return {
    embed(given, { isQuery, signals }) {
      return new Promise((resolve, reject) => {
        for (const signal of signals) throwIfInterrupted(signal);
        if (isClosed) throw closedError();
        if (calls.length === MAX_CALLS) throw fullError();
        const stop = () => {
          try {
            for (const signal of signals) throwIfInterrupted(signal);
          } catch (error) {
            call.finish(error);
          }
        };
        const call: Call = {
          isQuery,
          texts: new Set(),
          waiting: [],
          results: new Map(),
          finish(error) {
            calls = calls.filter((each) => each !== call);
            for (const signal of signals) signal.removeEventListener("abort", stop);
            if (error === undefined) resolve(given.map((text) => vectorsOf(text, call)));
            else reject(error);
          },
        };
        for (const signal of signals) signal.addEventListener("abort", stop);
        addTexts(call, given);
        calls.push(call);
        if (given.length === 0) call.finish();
        handOut();
      });
    },
    async close() {
      isClosed = true;
      for (const call of calls) call.finish(closedError());
      await Promise.all([...open].map(giveUp));
    },
  };
}

function addTexts(call: Call, texts: readonly string[]): void {
  for (const text of texts) {
    if (call.texts.has(text)) continue;
    call.texts.add(text);
    call.waiting.push(text);
  }
}

function vectorsOf(text: string, call: Call): Float32Array[] {
  const result = call.results.get(text)!;
  if (!(result instanceof Float32Array)) return result.flatMap((chunk) => vectorsOf(chunk, call));
  return [result];
}

function closedError(): DuetMindError {
  return new DuetMindError("INTERRUPTED", "embedder: expected to be open, got one that was closed");
}

function fullError(): DuetMindError {
  return new DuetMindError(
    "RATE_LIMITED",
    `embedder: expected at most ${MAX_CALLS} calls at a time, got one more`,
    { hint: "wait for some of them" },
  );
}
