import type { MemoryIdentity } from "../memory.ts";
import { auditMemories } from "../memory-audit.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { within } from "../within.ts";
import { supersedeEach } from "./consolidation-queries.ts";

/** A memory, and the line of what took its place. */
export type SupersededLine = Readonly<{ id: string; by: string }>;

/** Supersedes memories by what the lines became that took their place; gives those that wait for theirs. */
export async function importSuperseded(
  { database, effects: { clock } }: MemoryParts,
  { sessions, ...identity }: MemoryIdentity & Readonly<{ sessions: readonly string[] }>,
  lines: readonly SupersededLine[],
  idOfLine: ReadonlyMap<string, string>,
): Promise<SupersededLine[]> {
  const pairs = lines.flatMap(({ id, by }) => {
    const keep = idOfLine.get(by);
    return keep === undefined || keep === id ? [] : [{ id, keep }];
  });
  if (pairs.length > 0) {
    const now = clock.now();
    await within(database, { identity, sessions, at: now }, async (db) => {
      const ids = await supersedeEach(db, pairs, now);
      if (ids.length === 0) return;
      await auditMemories(db, identity, { action: "memory.consolidate", ids }, clock);
    });
  }
  return lines.filter(({ by }) => !idOfLine.has(by));
}
