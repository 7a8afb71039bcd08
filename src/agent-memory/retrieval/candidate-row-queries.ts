import { type RawBuilder, sql } from "kysely";
import { PREPARED } from "../../store/prepared.ts";
import { statement } from "../../store/statement.ts";
import type { Lane } from "../../store/travel-together.ts";
import { MEMORY_FACTS, type MemoryRow } from "../memory-row.ts";
import { filterSql, isNarrow, type MemoryFilter } from "./memory-filter.ts";
import type { Candidate } from "./rank-candidates.ts";

/** A memory that may be a hit. What may be long is read whole of hits alone. */
export type CandidateRow = Omit<MemoryRow, "metadata"> &
  Readonly<{
    position: number;
    /** Bytes of the whole text where it is in clear; `content` may be its beginning and its end. */
    content_bytes: number | null;
    /** Null where it is long. */
    metadata: MemoryRow["metadata"] | null;
    /** Whether somebody associated it with another; of the others nothing more is asked. */
    is_associated: boolean;
  }>;

/** Characters of a text, and bytes of metadata, of which all is read. */
export const LONGEST_WHOLE = 1_000;

const COLUMNS = sql`${MEMORY_FACTS}, m.position, m.is_associated, octet_length(m.content) AS content_bytes,
  CASE WHEN pg_column_size(m.metadata) <= ${sql.lit(LONGEST_WHOLE)} THEN m.metadata END AS metadata,
  CASE WHEN char_length(m.content) <= ${sql.lit(LONGEST_WHOLE)} THEN m.content
    ELSE left(m.content, 500) || ' ' || right(m.content, 500) END AS content`;

/** Those of the candidates that the caller may see and the filter lets pass. */
export async function findCandidateRows(
  db: Lane,
  candidates: readonly Candidate[],
  filter: MemoryFilter,
): Promise<CandidateRow[]> {
  const positions = candidates.map(({ position }) => position);
  // a filter that may leave out much wants a plan of its own
  return isNarrow(filter)
    ? (await rowsSql(sql`${positions}`, filter).execute(db)).rows
    : readRows(db, { positions, asOf: filter.asOf });
}

const readRows = statement<{ positions: readonly number[]; asOf: Date }, CandidateRow>(
  ({ positions, asOf }) => rowsSql(positions, { asOf }),
);

function rowsSql(
  positions: RawBuilder<unknown>,
  filter: Parameters<typeof filterSql>[0],
): RawBuilder<CandidateRow> {
  return sql`SELECT ${COLUMNS} FROM duetmind.agent_memory m
    WHERE m.position = ANY (${positions}::bigint[]) AND ${filterSql(filter)}`;
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

/** What may be long of a memory. */
export type LongParts = Pick<MemoryRow, "content" | "metadata">;

/** The long parts of memories, whole, by their ids. */
export async function findLongParts(
  db: Lane,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LongParts>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<LongParts & Readonly<{ id: string }>>`${PREPARED}
    SELECT m.id, m.content, m.metadata
    FROM duetmind.agent_memory m WHERE m.id = ANY (${ids}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}
