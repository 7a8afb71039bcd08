import { DuetMindError } from "../core/errors.ts";
import type { ImportedMemories, Memory, MemoryIdentity, NewMemory } from "./memory.ts";
import { createLineParser } from "./memory-line.ts";
import type { MemoryParts } from "./memory-parts.ts";
import { prepareStore, storePrepared } from "./store-memories.ts";

/** Lines that are stored in one transaction. */
const BATCH = 200;

const IMPORTED = { origin: "imported", action: "memory.import", strengthens: false } as const;

/**
 * Stores lines a batch at a time, in their order; while one is written the next is embedded. A line that
 * is wrong ends the import: the lines before it are stored, and importing the whole file again stores
 * nothing twice, for equal memories of a session are one.
 */
export function createImport(
  parts: MemoryParts,
  identity: MemoryIdentity,
  /** Is called when a batch is stored. */
  onStored: () => void,
): Pick<Memory, "importMemories"> {
  const parse = createLineParser(parts.params);
  return {
    async importMemories(lines) {
      const counts = { imported: 0, deduplicated: 0, expired: 0 };
      const ids: string[] = [];
      const sessions = new Set<string>();
      let storing: Promise<void> = Promise.resolve();

      /** Embeds while the batch before is stored. */
      async function store(batch: readonly NewMemory[]): Promise<void> {
        const now = parts.effects.clock.now();
        const living = batch.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
        const prepared = prepareStore(parts, identity, living, IMPORTED);
        prepared.catch(() => {}); // awaited below; the batch before may fail first
        await storing;
        storing = storePrepared(parts, identity, await prepared, IMPORTED).then((stored) => {
          for (const { id, deduplicated } of stored) {
            ids.push(id);
            counts[deduplicated ? "deduplicated" : "imported"] += 1;
          }
          counts.expired += batch.length - living.length;
          onStored();
        });
        storing.catch(() => {}); // awaited by the next batch, or at the end
      }

      let pending: NewMemory[] = [];
      let line = 0;
      try {
        for await (const given of lines) {
          line += 1;
          if (typeof given === "string" && given.trim() === "") continue;
          const memory = parse(given, line);
          sessions.add(memory.sessionId);
          if (pending.push(memory) < BATCH) continue;
          const batch = pending;
          pending = [];
          await store(batch);
        }
      } catch (error) {
        if (!(error instanceof DuetMindError) || error.code !== "BAD_INPUT") throw error;
        await store(pending);
        await storing;
        const there = counts.imported + counts.deduplicated + counts.expired;
        throw new DuetMindError(error.code, error.message, {
          ...error.details,
          line: error.details.line ?? line,
          hint: `${there} lines before it are stored; correct it and import the file again: none is stored twice`,
          cause: error,
        });
      }
      await store(pending);
      await storing;
      return { ...counts, sessions: sessions.size, ids } satisfies ImportedMemories;
    },
  };
}
