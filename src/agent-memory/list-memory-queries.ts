import { sql } from "kysely";
import { memoriesGrammar, memorySessionsGrammar } from "../search/catalogue-grammars.ts";
import { asc, desc, number, orNull, text, time, whole } from "../search/list-columns.ts";
import {
  type ListPage,
  type ListRequest,
  type ListSource,
  readListPage,
} from "../search/list-page.ts";
import type { Database } from "../store/database.ts";
import type { MemorySession } from "./memory.ts";
import { MEMORY_COLUMNS, type MemoryRow } from "./memory-row.ts";

/** Filters and orders are read under the policies of the caller: they choose among what it sees. */
const MEMORIES: ListSource = {
  grammar: memoriesGrammar,
  from: sql`duetmind.agent_memory m`,
  select: MEMORY_COLUMNS,
  columns: {
    id: text(sql`m.id::text`),
    session_id: text(sql`m.session_id`),
    agent: text(sql`m.agent`),
    scope: text(sql`m.scope`),
    memory_type: text(sql`m.memory_type`),
    importance: number(sql`m.importance_score`),
    subject: orNull(text(sql`m.subject`)),
    source: orNull(text(sql`m.source`)),
    actor: orNull(text(sql`m.actor`)),
    trust: number(sql`m.trust`),
    origin: text(sql`m.origin`),
    created_at: time(sql`m.created_at`),
    updated_at: time(sql`m.updated_at`),
    valid_from: orNull(time(sql`m.valid_from`)),
    valid_to: orNull(time(sql`m.valid_to`)),
    expires_at: orNull(time(sql`m.expires_at`)),
    last_accessed: orNull(time(sql`m.last_accessed`)),
    access_count: whole(sql`m.access_count`),
    repeat_count: whole(sql`m.repeat_count`),
    superseded_by: orNull(text(sql`m.superseded_by::text`)),
    position: whole(sql`m.position`),
  },
  order: [desc("position")],
};

/** The latest stored first, unless the request has another order. */
export function listMemoryRows(
  db: Database,
  filter: Readonly<{ sessionId?: string; memoryTypes?: readonly string[] }>,
  request: ListRequest,
): Promise<ListPage<MemoryRow>> {
  const { sessionId = null, memoryTypes = null } = filter;
  const where = sql`(${sessionId}::text IS NULL OR m.session_id = ${sessionId})
    AND (${memoryTypes}::text[] IS NULL OR m.memory_type = ANY(${memoryTypes}::text[]))`;
  return readListPage(db, { ...MEMORIES, where, scope: [sessionId, memoryTypes] }, request);
}

/** How many memories of a session are there for the caller. */
const memories = sql`(SELECT count(*) FROM duetmind.agent_memory m
  WHERE m.tenant = s.tenant AND m.agent = s.agent AND m.session_id = s.session_id)`;

const SESSIONS: ListSource = {
  grammar: memorySessionsGrammar,
  from: sql`duetmind.agent_sessions s`,
  select: sql`s.session_id AS "sessionId", s.agent, s.created_at AS "createdAt",
    s.last_active_at AS "lastActiveAt", ${memories} AS memories`,
  columns: {
    session_id: text(sql`s.session_id`),
    agent: text(sql`s.agent`),
    memories: whole(memories),
    created_at: time(sql`s.created_at`),
    last_active_at: time(sql`s.last_active_at`),
  },
  order: [desc("last_active_at"), asc("agent"), asc("session_id")],
};

/** The last active first, unless the request has another order. */
export function listSessionRows(
  db: Database,
  request: ListRequest,
): Promise<ListPage<MemorySession>> {
  return readListPage(db, SESSIONS, request);
}
