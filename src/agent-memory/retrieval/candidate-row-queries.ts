import { type RawBuilder, sql } from "kysely";
import { PREPARED } from "../../store/prepared.ts";
import type { Lane } from "../../store/travel-together.ts";
import { MEMORY_COLUMNS, type MemoryRow } from "../memory-row.ts";
import { filterSql, isNarrow, type MemoryFilter } from "./memory-filter.ts";
import type { Candidate } from "./rank-candidates.ts";

/** What a score needs of a row. */
export type CandidateRow = Readonly<{
  id: string;
  position: number;
  tenant: string;
  agent: string;
  session_id: string;
  /** The text, or its beginning and its end. */
  content: string | null;
  content_sealed: Uint8Array | null;
  /** Of the whole text where it is in clear. */
  content_bytes: number | null;
  actor: string | null;
  memory_type: string;
  importance_score: number;
  created_at: Date;
  last_accessed: Date | null;
  access_count: number;
  /** Whether somebody associated it with another; of the others nothing more is asked. */
  is_associated: boolean;
}>;

/** Characters of a text of which all is read. */
export const LONGEST_WHOLE = 1_000;

const COLUMNS = sql`m.id, m.tenant, m.agent, m.session_id, m.content_sealed, m.position, m.actor, m.memory_type, m.importance_score, m.created_at,
  m.last_accessed, m.access_count, m.is_associated, octet_length(m.content) AS content_bytes, CASE WHEN char_length(m.content) <= ${sql.lit(LONGEST_WHOLE)} THEN m.content
    ELSE left(m.content, 500) || ' ' || right(m.content, 500) END AS content`;

/** Those of the candidates that the caller may see and the filter lets pass. */
export async function findCandidateRows(
  db: Lane,
  candidates: readonly Candidate[],
  filter: MemoryFilter,
): Promise<CandidateRow[]> {
  const { rows } = await sql<CandidateRow>`${planOf(filter)} SELECT ${COLUMNS}
    FROM duetmind.agent_memory m
    WHERE m.position = ANY (${candidates.map(({ position }) => position)}::bigint[])
      AND ${filterSql(filter)}`.execute(db);
  return rows;
}

export type Link = Readonly<{ from_id: string; to_id: string; strength: number }>;

/**
 * What somebody associated with these memories. What was linked for being similar is left out: the
 * vectors say it already.
 */
export async function findLinks(db: Lane, ids: readonly string[]): Promise<Link[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<Link>`${PREPARED} SELECT a.from_id, a.to_id, a.strength
    FROM duetmind.memory_associations a
    WHERE (a.from_id = ANY (${ids}::uuid[]) OR a.to_id = ANY (${ids}::uuid[]))
      AND NOT (a.is_automatic AND a.relation = 'similar')`.execute(db);
  return rows;
}

/** Rows of memories that associations lead to. */
export async function findRowsById(
  db: Lane,
  ids: readonly string[],
  filter: MemoryFilter,
): Promise<CandidateRow[]> {
  const { rows } =
    await sql<CandidateRow>`${planOf(filter)} SELECT ${COLUMNS} FROM duetmind.agent_memory m
    WHERE m.id = ANY (${ids}::uuid[]) AND ${filterSql(filter)}`.execute(db);
  return rows;
}

/** A filter that may leave out much wants a plan of its own. */
function planOf(filter: MemoryFilter): RawBuilder<unknown> {
  return isNarrow(filter) ? sql`` : PREPARED;
}

/** All of their rows, in no order. */
export async function findWholeRows(db: Lane, ids: readonly string[]): Promise<MemoryRow[]> {
  const { rows } = await sql<MemoryRow>`${PREPARED} ${wholeRows(ids)}`.execute(db);
  return rows;
}

function wholeRows(ids: readonly string[]): RawBuilder<unknown> {
  return sql`SELECT ${MEMORY_COLUMNS} FROM duetmind.agent_memory m WHERE m.id = ANY (${ids}::uuid[])`;
}

/** The rows of hits, in no order; leaves the record of their being read. */
export async function findHitRows(
  db: Lane,
  ids: readonly string[],
  audit: RawBuilder<unknown>,
): Promise<MemoryRow[]> {
  const { rows } = await sql<MemoryRow>`${PREPARED} WITH audited AS (${audit})
    ${wholeRows(ids)}`.execute(db);
  return rows;
}
