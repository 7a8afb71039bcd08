import { DuetMindError } from "../core/errors.ts";
import type { Memory } from "./memory.ts";

type Method = (...given: unknown[]) => unknown;

/** The memory until it is closed; then each call fails as itself would: rejected, or at the first line. */
export function untilClosed(memory: Memory, isClosed: () => boolean): Memory {
  const guarded = Object.entries(memory as Readonly<Record<string, Method>>).map(
    ([name, method]) => {
      const guardedMethod: Method = (...given) => {
        if (!isClosed()) return method(...given);
        return name === "exportMemories" ? failingLines() : Promise.reject(memoryClosed());
      };
      return [name, guardedMethod];
    },
  );
  return Object.fromEntries(guarded) as Memory;
}

function memoryClosed(): DuetMindError {
  return new DuetMindError("INTERRUPTED", "memory: expected to be open, got one that was closed", {
    hint: "close it behind the last call, or open it again with openMemory",
  });
}

// biome-ignore lint/correctness/useYield: it fails before the first
async function* failingLines(): AsyncGenerator<never> {
  throw memoryClosed();
}
