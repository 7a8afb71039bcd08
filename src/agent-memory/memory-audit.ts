import { type AuditEntry, appendAudit } from "../audit/append-audit.ts";
import type { Clock } from "../core/clock.ts";
import { digestJson } from "../core/hash.ts";
import type { Database } from "../store/database.ts";
import type { MemoryIdentity } from "./memory.ts";

/** What was done with memories: which they were, never what they say. */
export type MemoryDeed = Readonly<{
  /** Such as `memory.store`. */
  action: string;
  ids: readonly string[];
  /** What the digest is of beside the ids, such as the digests of their contents. */
  parts?: unknown;
  /** What else is to be known: sessions, the digest of a query, a mode. */
  details?: Readonly<Record<string, unknown>>;
}>;

/** So that a record stays small; more memories make several records. */
const MOST_IDS = 1_000;

/**
 * Leaves one record of a deed in the caller's transaction: who, for which tenant and agent, which ids,
 * and a digest of the parts of a batch.
 */
export async function auditMemories(
  db: Database,
  identity: Pick<MemoryIdentity, "tenant" | "agent" | "actor">,
  deed: MemoryDeed,
  clock: Clock,
): Promise<void> {
  for (let from = 0; from === 0 || from < deed.ids.length; from += MOST_IDS) {
    await appendAudit(db, memoryAudit(identity, deed, from), clock);
  }
}

/** The record of a deed, with the ids from one on. */
export function memoryAudit(
  { actor, tenant, agent }: Pick<MemoryIdentity, "tenant" | "agent" | "actor">,
  deed: MemoryDeed,
  from = 0,
): AuditEntry {
  const digest = digestJson([deed.ids, deed.parts ?? null]);
  const ids = deed.ids.slice(from, from + MOST_IDS);
  const [only] = deed.ids.length === 1 ? ids : [];
  return {
    actor,
    action: deed.action,
    object_type: only === undefined ? "memories" : "memory",
    object_id: only ?? digest,
    after: { tenant, agent, ...deed.details, count: deed.ids.length, ids, digest },
  };
}
