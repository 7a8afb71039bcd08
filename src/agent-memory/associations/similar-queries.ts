import { sql } from "kysely";
import type { Database } from "../../store/database.ts";

/** Whose memory it is that others may be like. */
export type OfSession = Readonly<{ tenant: string; agent: string; sessionId: string }>;

export type SimilarRule = Readonly<{
  fingerprint: string;
  /** The least cosine. */
  above: number;
  /** How many for each memory. */
  most: number;
}>;

/**
 * For each memory those nearest to it in its session, and among what is shared with it, from a cosine
 * on: `of`, `id`, `similarity`. Of texts with several chunks the nearest two count.
 */
function nearest(
  { tenant, agent, sessionId }: OfSession,
  memoryIds: readonly string[],
  { fingerprint, above, most }: SimilarRule,
) {
  return sql`SELECT e.memory_id AS of, n.id, least(1, max(n.similarity)) AS similarity
    FROM duetmind.memory_embedding e CROSS JOIN LATERAL (
      SELECT id, 1 - distance AS similarity FROM (
        (SELECT o.memory_id AS id, o.embedding OPERATOR(public.<=>) e.embedding AS distance
          FROM duetmind.memory_embedding o
          WHERE o.tenant = ${tenant} AND o.agent = ${agent} AND o.session_id = ${sessionId}
            AND o.session_key = duetmind.session_key(${tenant}, ${agent}, ${sessionId})
            AND o.model_fingerprint = ${fingerprint} AND o.memory_id <> e.memory_id
          ORDER BY distance, id LIMIT ${most}::int)
        UNION ALL
        (SELECT o.memory_id, o.embedding OPERATOR(public.<=>) e.embedding AS distance
          FROM duetmind.memory_embedding o
          WHERE o.tenant = ${tenant} AND o.scope <> 'session'
            AND NOT (o.agent = ${agent} AND o.session_id = ${sessionId})
            AND o.model_fingerprint = ${fingerprint}
          ORDER BY distance, o.memory_id LIMIT ${most}::int)
      ) near
      WHERE 1 - distance >= ${above}::double precision
        AND EXISTS (SELECT FROM duetmind.agent_memory m
          WHERE m.id = near.id AND m.superseded_by IS NULL)
      ORDER BY distance, id LIMIT ${most}::int
    ) n
    WHERE e.memory_id = ANY(${memoryIds}::uuid[]) AND e.model_fingerprint = ${fingerprint}
      AND EXISTS (SELECT FROM duetmind.agent_memory m WHERE m.id = e.memory_id)
    GROUP BY e.memory_id, n.id`;
}

/** The memories that are like one, nearest first. */
export async function findSimilar(
  db: Database,
  session: OfSession,
  memoryId: string,
  rule: SimilarRule,
): Promise<Readonly<{ id: string; similarity: number }>[]> {
  const { rows } = await sql<{ id: string; similarity: number }>`SELECT s.id, s.similarity
    FROM (${nearest(session, [memoryId], rule)}) s ORDER BY s.similarity DESC, s.id`.execute(db);
  return rows;
}

/** Links each memory with those like it. A pair is stored once, from the lesser id; what somebody said of it stays. */
export async function insertSimilar(
  db: Database,
  session: OfSession,
  memoryIds: readonly string[],
  rule: SimilarRule,
  now: Date,
): Promise<void> {
  await sql`INSERT INTO duetmind.memory_associations
      (from_id, to_id, relation, tenant, strength, is_automatic, created_at)
    SELECT least(s.of, s.id), greatest(s.of, s.id), 'similar', ${session.tenant}, max(s.similarity),
      true, ${now}
    FROM (${nearest(session, memoryIds, rule)}) s GROUP BY 1, 2
    ON CONFLICT (from_id, to_id, relation) DO NOTHING`.execute(db);
}
