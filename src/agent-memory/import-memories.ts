import { countOf } from "../core/count-of.ts";
import { DuetMindError } from "../core/errors.ts";
import { importAssociations } from "./associations/import-associations.ts";
import { importSuperseded, type SupersededLine } from "./life-cycle/import-superseded.ts";
import type { ImportedMemories, Memory, MemoryIdentity } from "./memory.ts";
import { createLineParser, type ParsedLine } from "./memory-line.ts";
import type { MemoryParts } from "./memory-parts.ts";
import { prepareStore, storePrepared } from "./store-memories.ts";

/** Lines that are stored in one transaction. */
const BATCH = 200;

const IMPORTED = { origin: "imported", action: "memory.import", strengthens: false } as const;

/**
 * Stores lines a batch at a time, in their order; while one is written the next is embedded. A line that
 * is wrong ends the import: the lines before it are stored, and importing the whole file again stores
 * nothing twice, for equal memories of a session are one. When it ends nothing is being stored any more,
 * whatever ended it. Associations name lines by the ids that stand in
 * them; one whose other line is not there, or was left out, is left out.
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
      const counts = { imported: 0, deduplicated: 0, expired: 0, associations: 0 };
      const idOfLine = new Map<string, string>();
      let superseded: SupersededLine[] = [];
      const ids: string[] = [];
      const sessions = new Set<string>();
      let storing: Promise<void> = Promise.resolve();

      /** Embeds while the batch before is stored. */
      async function store(batch: readonly ParsedLine[]): Promise<void> {
        const now = parts.effects.clock.now();
        const living = batch.filter(
          ({ memory: { expiresAt } }) => expiresAt === undefined || expiresAt > now,
        );
        const memories = living.map(({ memory }) => memory);
        const prepared = prepareStore(parts, identity, memories, IMPORTED);
        prepared.catch(() => {}); // awaited below; the batch before may fail first
        await storing;
        storing = storePrepared(parts, identity, await prepared, IMPORTED).then(async (stored) => {
          for (const [i, { id, deduplicated }] of stored.entries()) {
            ids.push(id);
            counts[deduplicated ? "deduplicated" : "imported"] += 1;
            const { id: line, supersededBy: by } = living[i]!;
            if (line !== undefined) idOfLine.set(line, id);
            if (by !== undefined) superseded.push({ id, by });
          }
          const asking = { ...identity, sessions: [...sessions] };
          const given = living.flatMap(({ associations }) => associations);
          counts.associations += await importAssociations(parts, asking, given, idOfLine);
          superseded = await importSuperseded(parts, asking, superseded, idOfLine);
          counts.expired += batch.length - living.length;
          onStored();
        });
        storing.catch(() => {}); // awaited by the next batch, or at the end
      }

      let pending: ParsedLine[] = [];
      let line = 0;
      try {
        for await (const given of lines) {
          line += 1;
          if (typeof given === "string" && given.trim() === "") continue;
          const parsed = parse(given, line);
          sessions.add(parsed.memory.sessionId);
          if (pending.push(parsed) < BATCH) continue;
          const batch = pending;
          pending = [];
          await store(batch);
        }
      } catch (error) {
        if (!(error instanceof DuetMindError) || error.code !== "BAD_INPUT") {
          await storing.catch(() => {}); // what failed first is what is told
          throw error;
        }
        await store(pending);
        await storing;
        const there = counts.imported + counts.deduplicated + counts.expired;
        const again = "correct it and import the file again";
        const before = `${countOf(there, "line")} before it ${there === 1 ? "is" : "are"} stored`;
        throw new DuetMindError(error.code, error.message, {
          ...error.details,
          line: error.details.line ?? line,
          hint: there === 0 ? again : `${before}; ${again}: none is stored twice`,
          cause: error,
        });
      }
      await store(pending);
      await storing;
      return { ...counts, sessions: sessions.size, ids } satisfies ImportedMemories;
    },
  };
}
