import { sql } from "kysely";
import type { Database } from "../store/database.ts";
import { PREPARED } from "../store/prepared.ts";
import type { Lane } from "../store/travel-together.ts";
import { MEMORY_COLUMNS, type MemoryRow } from "./memory-row.ts";

export async function findMemory(db: Database, id: string): Promise<MemoryRow | undefined> {
  const { rows } = await sql<MemoryRow>`${PREPARED} SELECT ${MEMORY_COLUMNS}
    FROM duetmind.agent_memory m WHERE m.id = ${id}`.execute(db);
  return rows[0];
}

/** Those of the ids that are there for the caller, in no order. */
export async function findMemories(db: Database, ids: readonly string[]): Promise<MemoryRow[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<MemoryRow>`SELECT ${MEMORY_COLUMNS}
    FROM duetmind.agent_memory m WHERE m.id = ANY(${ids}::uuid[])`.execute(db);
  return rows;
}

export async function hasSession(db: Lane, sessionId: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`${PREPARED} SELECT EXISTS (SELECT
    FROM duetmind.agent_sessions s WHERE s.session_id = ${sessionId}) AS found`.execute(db);
  return rows[0]!.found;
}

/**
 * What the caller's own sessions hold, behind a position, the first stored first; what others share is
 * theirs to export.
 */
export async function exportMemoryRows(
  db: Database,
  filter: Readonly<{ sessionId: string | undefined; memoryTypes: readonly string[] | undefined }>,
  after: number,
  most: number,
) {
  const { sessionId = null, memoryTypes = null } = filter;
  const { rows } = await sql<MemoryRow & Readonly<{ position: number }>>`SELECT ${MEMORY_COLUMNS},
      m.position
    FROM duetmind.agent_memory m
    JOIN duetmind.agent_sessions s ON s.tenant = m.tenant AND s.agent = m.agent
      AND s.session_id = m.session_id
    WHERE m.position > ${after} AND (${sessionId}::text IS NULL OR m.session_id = ${sessionId})
      AND (${memoryTypes}::text[] IS NULL OR m.memory_type = ANY(${memoryTypes}::text[]))
    ORDER BY m.position LIMIT ${most}`.execute(db);
  return rows;
}
