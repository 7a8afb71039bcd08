import { sql } from "kysely";
import type { Database } from "../../store/database.ts";
import { MEMORY_COLUMNS, type MemoryRow } from "../memory-row.ts";
import type { NearPair } from "./plan-consolidation.ts";

/** So many memories of a session are compared at once: each with each. */
export const MOST_COMPARED = 2_000;

/** Memories of the session that something else in it is near to, by the links made in the background. */
export async function findLinked(
  db: Database,
  session: Readonly<{ agent: string; sessionId: string }>,
  above: number,
): Promise<MemoryRow[]> {
  const { rows } = await sql<MemoryRow>`SELECT ${MEMORY_COLUMNS} FROM duetmind.agent_memory m
    WHERE m.agent = ${session.agent} AND m.session_id = ${session.sessionId}
      AND m.superseded_by IS NULL
      AND (EXISTS (SELECT FROM duetmind.memory_associations a WHERE a.from_id = m.id
          AND a.relation = 'similar' AND a.is_automatic AND a.strength >= ${above})
        OR EXISTS (SELECT FROM duetmind.memory_associations a WHERE a.to_id = m.id
          AND a.relation = 'similar' AND a.is_automatic AND a.strength >= ${above}))
    ORDER BY m.position LIMIT ${MOST_COMPARED}::int`.execute(db);
  return rows;
}

/** Every pair of them that is near: by the first chunk, and of texts of one chunk. */
export async function findNearPairs(
  db: Database,
  ids: readonly string[],
  rule: Readonly<{ fingerprint: string; above: number }>,
): Promise<NearPair[]> {
  const { rows } = await sql<NearPair>`WITH chosen AS MATERIALIZED (
      SELECT e.memory_id, e.embedding FROM duetmind.memory_embedding e
      WHERE e.memory_id = ANY(${ids}::uuid[]) AND e.model_fingerprint = ${rule.fingerprint}
        AND e.chunk = 0 AND NOT EXISTS (SELECT FROM duetmind.memory_embedding o
          WHERE o.memory_id = e.memory_id AND o.model_fingerprint = e.model_fingerprint AND o.chunk = 1)
    )
    SELECT a.memory_id AS a, b.memory_id AS b,
      least(1, 1 - (a.embedding OPERATOR(public.<=>) b.embedding)) AS similarity
    FROM chosen a JOIN chosen b ON a.memory_id < b.memory_id
      AND 1 - (a.embedding OPERATOR(public.<=>) b.embedding) >= ${rule.above}::double precision`.execute(
    db,
  );
  return rows;
}

/** Puts one memory in the place of others; gives those that nothing had taken the place of before. */
export async function supersede(
  db: Database,
  keep: string,
  ids: readonly string[],
  now: Date,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`UPDATE duetmind.agent_memory m
    SET superseded_by = ${keep}::uuid, updated_at = ${now}
    WHERE m.id = ANY(${ids}::uuid[]) AND m.superseded_by IS NULL AND m.id <> ${keep}::uuid
      AND EXISTS (SELECT FROM duetmind.agent_memory k WHERE k.id = ${keep}::uuid AND k.superseded_by IS NULL)
    RETURNING m.id`.execute(db);
  return rows.map(({ id }) => id);
}

/** Puts for each memory another in its place, where nothing has taken it before. */
export async function supersedeEach(
  db: Database,
  pairs: readonly Readonly<{ id: string; keep: string }>[],
  now: Date,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`UPDATE duetmind.agent_memory m
    SET superseded_by = r.keep, updated_at = ${now}
    FROM unnest(${pairs.map(({ id }) => id)}::uuid[], ${pairs.map(({ keep }) => keep)}::uuid[])
      AS r(id, keep)
    WHERE m.id = r.id AND m.superseded_by IS NULL
      AND EXISTS (SELECT FROM duetmind.agent_memory k WHERE k.id = r.keep)
    RETURNING m.id`.execute(db);
  return rows.map(({ id }) => id);
}

/** Gives back what a memory was put in the place of. */
export async function restoreSuperseded(db: Database, keep: string, now: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`UPDATE duetmind.agent_memory m
    SET superseded_by = NULL, updated_at = ${now} WHERE m.superseded_by = ${keep}::uuid
    RETURNING m.id`.execute(db);
  return rows.map(({ id }) => id);
}
