import { DuetMindError } from "../core/errors.ts";
import type { Memory, MemoryLine } from "./memory.ts";

type Method = (...given: unknown[]) => unknown;

/** The calls of memories that close together. */
export type Calls = Readonly<{
  /** The memory until it is closed; then each call fails as itself would: rejected, or at a line. */
  of(memory: Memory): Memory;
  /** Refuses further calls and waits for those that have begun; of an export, for its next line. */
  close(): Promise<void>;
}>;

export function createCalls(): Calls {
  let isClosed = false;
  const running = new Set<Promise<unknown>>();

  function run<T>(call: () => Promise<T>): Promise<T> {
    if (isClosed) return Promise.reject(memoryClosed());
    const result = call();
    const ended = result
      .then(noop, noop) // its caller hears of it
      .then(() => void running.delete(ended));
    running.add(ended);
    return result;
  }

  async function* untilClosed(lines: AsyncIterable<MemoryLine>): AsyncGenerator<MemoryLine> {
    const iterator = lines[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await run(() => iterator.next());
        if (done === true) return;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
  }

  return {
    of(memory) {
      const methods = Object.entries(memory as Readonly<Record<string, Method>>).map(
        ([name, method]): [string, Method] => [
          name,
          (...given) => run(() => method(...given) as Promise<unknown>),
        ],
      );
      return {
        ...(Object.fromEntries(methods) as Memory),
        exportMemories: (selection) => untilClosed(memory.exportMemories(selection)),
      };
    },
    async close() {
      isClosed = true;
      await Promise.all(running);
    },
  };
}

function noop(): void {}

function memoryClosed(): DuetMindError {
  return new DuetMindError("INTERRUPTED", "memory: expected to be open, got one that was closed", {
    hint: "close it behind the last call, or open it again with openMemory",
  });
}
