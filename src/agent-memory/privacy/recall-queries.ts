import { sql } from "kysely";
import type { Database } from "../../store/database.ts";
import { toFloat4Array } from "../../store/float4-array.ts";
import { PREPARED } from "../../store/prepared.ts";
import type { Lane } from "../../store/travel-together.ts";
import { MEMORY_COLUMNS, type MemoryRow } from "../memory-row.ts";

/** A memory that was shown in a session, or in none (an empty text), and the digest of its text. */
export type Recall = Readonly<{ id: string; sessionId: string; digest: string; at: Date }>;

/** Writes down what an agent was shown. What was deleted meanwhile is left out. */
export async function insertRecalls(
  db: Lane,
  agent: Readonly<{ tenant: string; agent: string }>,
  recalled: readonly Recall[],
): Promise<void> {
  if (recalled.length === 0) return;
  await sql`${PREPARED} INSERT INTO duetmind.memory_recall
      (tenant, agent, session_id, memory_id, text_digest, recalled_at)
    SELECT ${agent.tenant}, ${agent.agent}, session_id, id, digest, at
    FROM unnest(${recalled.map(({ id }) => id)}::uuid[],
      ${recalled.map(({ sessionId }) => sessionId)}::text[],
      ${recalled.map(({ digest }) => digest)}::text[],
      ${recalled.map(({ at }) => at)}::timestamptz[]) AS r(id, session_id, digest, at)
    WHERE EXISTS (SELECT FROM duetmind.agent_memory m WHERE m.id = r.id)
    ORDER BY id, session_id
    ON CONFLICT (tenant, agent, session_id, memory_id)
      DO UPDATE SET text_digest = excluded.text_digest, recalled_at = excluded.recalled_at`.execute(
    db,
  );
}

/** A text that is about to be stored, and what stands in the way of it being new. */
export type Restated = Readonly<{
  sessionId: string;
  digest: string;
  /** The vectors of its chunks, where it has one alone. */
  vector: Float32Array | undefined;
}>;

export type RecallRow = MemoryRow &
  Readonly<{ at: number; same_text: boolean; similarity: number }>;

/**
 * For each text the memories that the agent was shown since, in its session or in a search that named
 * none, and that say the same words or lie near it; the same words first, then the nearest.
 */
export async function findRecalled(
  db: Database,
  agent: Readonly<{ tenant: string; agent: string }>,
  texts: readonly Restated[],
  rule: Readonly<{
    since: Date;
    now: Date;
    fingerprint: string;
    dimensions: number;
    above: number;
  }>,
): Promise<RecallRow[]> {
  const zero = new Float32Array(rule.dimensions);
  const numbers = toFloat4Array(texts.map(({ vector }) => vector ?? zero));
  const { rows } = await sql<RecallRow>`WITH given AS (
      SELECT n - 1 AS at, session_id, digest, whole,
        ((${numbers}::float4[])[(n - 1) * ${rule.dimensions}::int + 1 : n * ${rule.dimensions}::int])::public.vector
          AS embedding
      FROM unnest(${texts.map(({ sessionId }) => sessionId)}::text[],
        ${texts.map(({ digest }) => digest)}::text[],
        ${texts.map(({ vector }) => vector !== undefined)}::boolean[])
        WITH ORDINALITY AS g(session_id, digest, whole, n)
    )
    SELECT ${MEMORY_COLUMNS}, found.at::int AS at, found.same_text, found.similarity
    FROM (
      SELECT DISTINCT ON (g.at, r.memory_id) g.at, r.memory_id, r.text_digest = g.digest AS same_text,
        coalesce(1 - (e.embedding::public.vector OPERATOR(public.<=>) g.embedding), 0) AS similarity
      FROM given g
      JOIN duetmind.memory_recall r ON r.tenant = ${agent.tenant} AND r.agent = ${agent.agent}
        AND r.session_id IN (g.session_id, '') AND r.recalled_at >= ${rule.since}
      LEFT JOIN duetmind.memory_embedding e ON g.whole AND e.memory_id = r.memory_id AND e.chunk = 0
        AND e.model_fingerprint = ${rule.fingerprint}
      ORDER BY g.at, r.memory_id, r.text_digest = g.digest DESC
    ) found
    JOIN duetmind.agent_memory m ON m.id = found.memory_id
    WHERE (found.same_text OR found.similarity >= ${rule.above}::double precision)
      AND (m.expires_at IS NULL OR m.expires_at > ${rule.now})
    ORDER BY found.at, found.same_text DESC, found.similarity DESC, m.id`.execute(db);
  return rows;
}

/** Whether an agent was shown anything since: most stores need to ask no more. */
export async function hasRecalls(
  db: Database,
  agent: Readonly<{ tenant: string; agent: string }>,
  sessions: readonly string[],
  since: Date,
): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`${PREPARED} SELECT EXISTS (
    SELECT FROM duetmind.memory_recall r
    WHERE r.tenant = ${agent.tenant} AND r.agent = ${agent.agent}
      AND r.session_id = ANY (${[...sessions, ""]}::text[]) AND r.recalled_at >= ${since}
  ) AS found`.execute(db);
  return rows[0]!.found;
}

/** Takes away what was shown too long ago to matter. */
export async function deleteRecalls(db: Database, before: Date): Promise<number> {
  const { numAffectedRows } = await sql`DELETE FROM duetmind.memory_recall
    WHERE recalled_at < ${before}`.execute(db);
  return Number(numAffectedRows ?? 0);
}
