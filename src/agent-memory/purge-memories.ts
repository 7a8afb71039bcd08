import { auditGone } from "./forget-memories.ts";
import { deleteDue, deleteExpired } from "./forget-queries.ts";
import type { MemoryParts } from "./memory-parts.ts";
import { UPKEEP, within } from "./within.ts";

export type Purged = Readonly<{
  /** Memories past their expiry. */
  expired: number;
  /** Memories that were forgotten softly, long enough ago. */
  forgotten: number;
}>;

type PurgeParts = Pick<MemoryParts, "database" | "params" | "effects">;

/** In one transaction: other clients of the embedded database wait for it. */
const MOST = 500;

/** Deletes what has expired and what was forgotten, of every tenant, and leaves a record of it. */
export async function purgeMemories(parts: PurgeParts): Promise<Purged> {
  return {
    expired: await purge(parts, "memory.expire", deleteExpired),
    forgotten: await purge(parts, "memory.purge", deleteDue),
  };
}

async function purge(
  parts: PurgeParts,
  action: string,
  deleteSome: typeof deleteExpired,
): Promise<number> {
  const now = parts.effects.clock.now();
  let count = 0;
  for (;;) {
    const gone = await within(parts.database, { identity: UPKEEP, at: now }, async (db) => {
      const rows = await deleteSome(db, now, MOST);
      await auditGone(db, { actor: "duetmind" }, action, rows, {}, parts);
      return rows;
    });
    count += gone.length;
    if (gone.length < MOST) return count;
  }
}
