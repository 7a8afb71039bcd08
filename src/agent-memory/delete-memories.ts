import { sql } from "kysely";
import type { Clock } from "../core/clock.ts";
import type { Database } from "../store/database.ts";
import type { MemoryIdentity } from "./memory.ts";
import { auditMemories } from "./memory-audit.ts";

/**
 * Deletes memories with all that hangs on them (vectors, terms, associations: by foreign keys). The
 * record that is left names them by id and digest, without a word of what they said.
 */
export async function deleteMemories(
  db: Database,
  identity: Pick<MemoryIdentity, "tenant" | "agent" | "actor">,
  memories: readonly Readonly<{ id: string; content_digest: string }>[],
  deed: Readonly<{ action: string; details?: Readonly<Record<string, unknown>> }>,
  clock: Clock,
): Promise<void> {
  if (memories.length === 0) return;
  const ids = memories.map(({ id }) => id);
  await sql`DELETE FROM duetmind.agent_memory WHERE id = ANY(${ids}::uuid[])`.execute(db);
  const digests = memories.map(({ content_digest }) => content_digest);
  await auditMemories(db, identity, { ...deed, ids, parts: digests }, clock);
}
