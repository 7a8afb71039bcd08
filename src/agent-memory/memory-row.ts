import { sql } from "kysely";
import type { MemoryRecord, MemoryScope } from "./memory.ts";
import type { MemoryPrivacy } from "./privacy/memory-privacy.ts";
import { keyIdOf, missingKey } from "./privacy/seal-content.ts";

/** What a record is made of but what may be long, from the table `m`. */
export const MEMORY_FACTS = sql`m.id, m.tenant, m.agent, m.session_id, m.scope, m.content_sealed,
  m.memory_type, m.importance_score, m.subject, m.source, m.actor, m.trust, m.origin,
  m.created_at, m.updated_at, m.valid_from, m.valid_to, m.expires_at, m.last_accessed, m.access_count,
  m.repeat_count, m.superseded_by`;

/** What a record is made of. */
export const MEMORY_COLUMNS = sql`${MEMORY_FACTS}, m.content, m.metadata`;

export type MemoryRow = Readonly<{
  id: string;
  tenant: string;
  agent: string;
  session_id: string;
  scope: string;
  content: string | null;
  content_sealed: Uint8Array | null;
  memory_type: string;
  importance_score: number;
  metadata: Readonly<Record<string, unknown>>;
  subject: string | null;
  source: string | null;
  actor: string | null;
  trust: number;
  origin: string;
  created_at: Date;
  updated_at: Date;
  valid_from: Date | null;
  valid_to: Date | null;
  expires_at: Date | null;
  last_accessed: Date | null;
  access_count: number;
  repeat_count: number;
  superseded_by: string | null;
}>;

/** The content of a row in clear; an error that names the key where it is sealed with one that is not there. */
export function contentOf(
  row: Pick<MemoryRow, "id" | "tenant" | "content" | "content_sealed">,
  { seal }: MemoryPrivacy,
): string {
  if (row.content_sealed === null) return row.content ?? "";
  if (seal === undefined) throw missingKey(row, keyIdOf(row.content_sealed, row));
  return seal.unseal(row.content_sealed, row);
}

export function toMemoryRecord(row: MemoryRow, privacy: MemoryPrivacy): MemoryRecord {
  return recordOf(row, { content: contentOf(row, privacy), metadata: row.metadata });
}

/** The same where the text is in clear already. */
export function recordOf(
  row: Omit<MemoryRow, "content" | "metadata">,
  { content, metadata }: Pick<MemoryRecord, "content" | "metadata">,
): MemoryRecord {
  return {
    id: row.id,
    tenant: row.tenant,
    agent: row.agent,
    sessionId: row.session_id,
    scope: row.scope as MemoryScope,
    content,
    memoryType: row.memory_type,
    importance: row.importance_score,
    metadata,
    subject: row.subject,
    source: row.source,
    actor: row.actor,
    trust: row.trust,
    origin: row.origin as MemoryRecord["origin"],
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    validFrom: row.valid_from,
    validTo: row.valid_to,
    expiresAt: row.expires_at,
    lastAccessed: row.last_accessed,
    accessCount: row.access_count,
    repeatCount: row.repeat_count,
    supersededBy: row.superseded_by,
  };
}
