import { sql } from "kysely";
import { type PositionText, type SortColumn, selectPosition } from "../search/keyset.ts";
import { type Page, readPage } from "../search/read-page.ts";
import type { Database } from "../store/database.ts";
import { PREPARED } from "../store/prepared.ts";
import type { Lane } from "../store/travel-together.ts";
import type { MemorySession } from "./memory.ts";
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

export type PageOf = Readonly<{ limit: number; token: string | undefined }>;

const isDown = { direction: "desc", mayBeNull: false, mayBeNaN: false } as const;
const isUp = { ...isDown, direction: "asc" } as const;

const LATEST_MEMORY: readonly SortColumn[] = [{ sql: sql`m.position`, type: "whole", ...isDown }];

type Placed<Row> = Row & Readonly<{ position: PositionText }>;

/** The latest stored first. */
export function listMemoryRows(
  db: Database,
  filter: Readonly<{ sessionId?: string; memoryTypes?: readonly string[] }>,
  { limit, token }: PageOf,
): Promise<Page<MemoryRow>> {
  const { sessionId = null, memoryTypes = null } = filter;
  const request = {
    columns: LATEST_MEMORY,
    limit,
    token,
    query: ["memories", sessionId, memoryTypes],
  };
  return readPage(request, async ({ where, orderBy }, most) => {
    const { rows } = await sql<Placed<MemoryRow>>`SELECT ${MEMORY_COLUMNS},
        ${selectPosition(LATEST_MEMORY)} AS position
      FROM duetmind.agent_memory m
      WHERE ${where} AND (${sessionId}::text IS NULL OR m.session_id = ${sessionId})
        AND (${memoryTypes}::text[] IS NULL OR m.memory_type = ANY(${memoryTypes}::text[]))
      ORDER BY ${orderBy} LIMIT ${most}`.execute(db);
    return rows;
  });
}

const LATEST_SESSION: readonly SortColumn[] = [
  { sql: sql`s.last_active_at`, type: "time", ...isDown },
  { sql: sql`s.agent`, type: "id", ...isUp },
  { sql: sql`s.session_id`, type: "id", ...isUp },
];

/** The last active first, with how many memories each has that are there. */
export function listSessionRows(
  db: Database,
  { limit, token }: PageOf,
): Promise<Page<MemorySession>> {
  const request = { columns: LATEST_SESSION, limit, token, query: "memory sessions" };
  return readPage(request, async ({ where, orderBy }, most) => {
    const { rows } = await sql<Placed<MemorySession>>`SELECT s.session_id AS "sessionId", s.agent,
        s.created_at AS "createdAt", s.last_active_at AS "lastActiveAt",
        ${selectPosition(LATEST_SESSION)} AS position,
        (SELECT count(*) FROM duetmind.agent_memory m WHERE m.tenant = s.tenant AND m.agent = s.agent
          AND m.session_id = s.session_id) AS memories
      FROM duetmind.agent_sessions s
      WHERE ${where} ORDER BY ${orderBy} LIMIT ${most}`.execute(db);
    return rows;
  });
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
