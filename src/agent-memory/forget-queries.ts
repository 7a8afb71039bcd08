import { sql } from "kysely";
import type { Database } from "../store/database.ts";
import type { ForgetSelection } from "./memory.ts";
import { MEMORY_COLUMNS, type MemoryRow } from "./memory-row.ts";

export type GoneMemory = Readonly<{
  id: string;
  tenant: string;
  agent: string;
  content_digest: string;
}>;

/**
 * The condition that a row of agent_memory, named `m`, is selected: itself, or what took its place. What
 * a caller wrote is a parameter.
 */
function isSelected(selection: ForgetSelection) {
  return sql`(${isNamed(selection)} OR m.superseded_by IN (
    SELECT m.id FROM duetmind.agent_memory m WHERE ${isNamed(selection)}))`;
}

function isNamed(selection: ForgetSelection) {
  const { id, sessionId, subject, memoryTypes, metadata, before } = selection;
  return sql`(${id ?? null}::uuid IS NULL OR m.id = ${id ?? null}::uuid)
    AND (${sessionId ?? null}::text IS NULL OR m.session_id = ${sessionId ?? null})
    AND (${subject ?? null}::text IS NULL OR m.subject = ${subject ?? null})
    AND (${memoryTypes ?? null}::text[] IS NULL OR m.memory_type = ANY(${memoryTypes ?? null}::text[]))
    AND m.metadata @> ${JSON.stringify(metadata ?? {})}::jsonb
    AND (${before ?? null}::timestamptz IS NULL OR m.created_at < ${before ?? null}::timestamptz)`;
}

const GONE = sql`m.id, m.tenant, m.agent, m.content_digest`;

/** Those that the caller may write: FOR UPDATE leaves out what is only shared with it. */
export async function lockSelected(db: Database, selection: ForgetSelection) {
  const { rows } = await sql<GoneMemory>`SELECT ${GONE} FROM duetmind.agent_memory m
    WHERE ${isSelected(selection)} ORDER BY m.id FOR UPDATE`.execute(db);
  return rows;
}

/** The same whole, without what they have taken the place of. */
export async function lockNamed(db: Database, selection: ForgetSelection): Promise<MemoryRow[]> {
  const { rows } = await sql<MemoryRow>`SELECT ${MEMORY_COLUMNS} FROM duetmind.agent_memory m
    WHERE ${isNamed(selection)} ORDER BY m.id FOR UPDATE`.execute(db);
  return rows;
}

/** Vectors, terms and associations go with the row, by foreign keys. */
export async function deleteSelected(db: Database, selection: ForgetSelection) {
  const { rows } = await sql<GoneMemory>`DELETE FROM duetmind.agent_memory m
    WHERE ${isSelected(selection)} RETURNING ${GONE}`.execute(db);
  return rows;
}

/** Deletes them from what is searched and keeps their rows aside. */
export async function setAsideSelected(
  db: Database,
  selection: ForgetSelection,
  times: Readonly<{ now: Date; purgeAt: Date }>,
) {
  const { rows } = await sql<GoneMemory>`WITH m AS (
      DELETE FROM duetmind.agent_memory m WHERE ${isSelected(selection)} RETURNING m.*)
    INSERT INTO duetmind.memory_forgotten AS f
      (id, tenant, agent, session_id, memory, forgotten_at, purge_at)
    SELECT id, tenant, agent, session_id, to_jsonb(m), ${times.now}, ${times.purgeAt} FROM m
    RETURNING f.id, f.tenant, f.agent, f.memory ->> 'content_digest' AS content_digest`.execute(db);
  return rows;
}

/** What was set aside before, by the same selection. */
export async function deleteSetAside(db: Database, selection: ForgetSelection) {
  const { rows } = await sql<GoneMemory>`DELETE FROM duetmind.memory_forgotten f
    WHERE EXISTS (SELECT FROM jsonb_populate_record(NULL::duetmind.agent_memory, f.memory) AS m
      WHERE ${isSelected(selection)})
    RETURNING f.id, f.tenant, f.agent, f.memory ->> 'content_digest' AS content_digest`.execute(db);
  return rows;
}

export async function lockSessions(db: Database, sessionId: string): Promise<void> {
  await sql`SELECT FROM duetmind.agent_sessions s WHERE s.session_id = ${sessionId}
    ORDER BY s.tenant, s.agent FOR UPDATE`.execute(db);
}

/** A statement of its own behind lockSessions: it sees what a writer stored while it was waited for. */
export async function deleteEmptySessions(db: Database, sessionId: string): Promise<void> {
  await sql`DELETE FROM duetmind.agent_sessions s WHERE s.session_id = ${sessionId}
    AND NOT EXISTS (SELECT FROM duetmind.agent_memory m WHERE m.tenant = s.tenant
      AND m.agent = s.agent AND m.session_id = s.session_id)`.execute(db);
}

/** Of any tenant, those that expired first. */
export async function deleteExpired(db: Database, now: Date, most: number) {
  const { rows } = await sql<GoneMemory>`DELETE FROM duetmind.agent_memory m
    WHERE m.expires_at <= ${now} AND m.id IN (SELECT e.id FROM duetmind.agent_memory e
      WHERE e.expires_at <= ${now} ORDER BY e.expires_at LIMIT ${most})
    RETURNING ${GONE}`.execute(db);
  return rows;
}

/** Of any tenant, what was set aside long enough ago. */
export async function deleteDue(db: Database, now: Date, most: number) {
  const { rows } = await sql<GoneMemory>`DELETE FROM duetmind.memory_forgotten f
    WHERE f.id IN (SELECT d.id FROM duetmind.memory_forgotten d
      WHERE d.purge_at <= ${now} ORDER BY d.purge_at LIMIT ${most})
    RETURNING f.id, f.tenant, f.agent, f.memory ->> 'content_digest' AS content_digest`.execute(db);
  return rows;
}
