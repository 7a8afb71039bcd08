import { sql } from "kysely";
import type { Database } from "../../store/database.ts";
import { PREPARED } from "../../store/prepared.ts";

export type MemoryTask = Readonly<{
  memoryId: string;
  tenant: string;
  agent: string;
  sessionId: string;
}>;

/** Has the associations of new memories made, some time after the transaction that stores them. */
export async function insertTasks(
  db: Database,
  owner: Readonly<{ tenant: string; agent: string }>,
  memories: readonly Readonly<{ id: string; session_id: string }>[],
  now: Date,
): Promise<void> {
  if (memories.length === 0) return;
  await sql`${PREPARED} INSERT INTO duetmind.memory_task
      (memory_id, tenant, agent, session_id, created_at, due_at)
    SELECT id, ${owner.tenant}, ${owner.agent}, session_id, ${now}, ${now}
    FROM unnest(${memories.map(({ id }) => id)}::uuid[],
      ${memories.map(({ session_id }) => session_id)}::text[]) AS r(id, session_id)`.execute(db);
}

/** The tasks that have been due for longest; they stay locked until the transaction ends. */
export async function lockTasks(db: Database, now: Date, most: number): Promise<MemoryTask[]> {
  const { rows } = await sql<MemoryTask>`SELECT t.memory_id AS "memoryId", t.tenant, t.agent,
      t.session_id AS "sessionId"
    FROM duetmind.memory_task t WHERE t.due_at <= ${now}
    ORDER BY t.due_at, t.memory_id LIMIT ${most}::int FOR UPDATE SKIP LOCKED`.execute(db);
  return rows;
}

export async function deleteTasks(db: Database, memoryIds: readonly string[]): Promise<void> {
  await sql`DELETE FROM duetmind.memory_task WHERE memory_id = ANY(${memoryIds}::uuid[])`.execute(
    db,
  );
}

/** Puts off the task that has been due for longest: 1 minute, 2, 4 … up to a day. */
export async function putOffTask(db: Database, now: Date): Promise<void> {
  await sql`UPDATE duetmind.memory_task
    SET attempts = attempts + 1,
      due_at = ${now}::timestamptz + least(interval '1 day', interval '1 minute' * power(2, least(attempts, 20)))
    WHERE memory_id = (SELECT memory_id FROM duetmind.memory_task WHERE due_at <= ${now}
      ORDER BY due_at, memory_id LIMIT 1 FOR UPDATE SKIP LOCKED)`.execute(db);
}

export async function countTasks(db: Database): Promise<number> {
  const { rows } = await sql<{ tasks: number }>`SELECT count(*)::int AS tasks
    FROM duetmind.memory_task`.execute(db);
  return rows[0]!.tasks;
}

/**
 * Links each memory with those nearest to it in its session, and among what is shared with it, from a
 * cosine on. A pair is stored once, from the lesser id; what somebody said of it stays.
 */
export async function insertSimilar(
  db: Database,
  session: Readonly<{ tenant: string; agent: string; sessionId: string }>,
  memoryIds: readonly string[],
  rule: Readonly<{ fingerprint: string; above: number; most: number }>,
  now: Date,
): Promise<number> {
  const { tenant, agent, sessionId } = session;
  const { numAffectedRows } = await sql`INSERT INTO duetmind.memory_associations
      (from_id, to_id, relation, tenant, strength, is_automatic, created_at)
    SELECT least(e.memory_id, n.id), greatest(e.memory_id, n.id), 'similar', ${tenant},
      least(1, max(n.similarity)), true, ${now}
    FROM duetmind.memory_embedding e CROSS JOIN LATERAL (
      SELECT id, 1 - distance AS similarity FROM (
        (SELECT o.memory_id AS id, o.embedding <=> e.embedding AS distance
          FROM duetmind.memory_embedding o
          WHERE o.tenant = ${tenant} AND o.agent = ${agent} AND o.session_id = ${sessionId}
            AND o.model_fingerprint = ${rule.fingerprint} AND o.memory_id <> e.memory_id
          ORDER BY distance, id LIMIT ${rule.most}::int)
        UNION ALL
        (SELECT o.memory_id, o.embedding <=> e.embedding AS distance
          FROM duetmind.memory_embedding o
          WHERE o.tenant = ${tenant} AND o.scope <> 'session'
            AND NOT (o.agent = ${agent} AND o.session_id = ${sessionId})
            AND o.model_fingerprint = ${rule.fingerprint}
          ORDER BY distance, o.memory_id LIMIT ${rule.most}::int)
      ) near
      WHERE 1 - distance >= ${rule.above}::double precision
        AND EXISTS (SELECT FROM duetmind.agent_memory m
          WHERE m.id = near.id AND m.superseded_by IS NULL)
      ORDER BY distance, id LIMIT ${rule.most}::int
    ) n
    WHERE e.memory_id = ANY(${memoryIds}::uuid[]) AND e.model_fingerprint = ${rule.fingerprint}
      AND EXISTS (SELECT FROM duetmind.agent_memory m WHERE m.id = e.memory_id)
    GROUP BY 1, 2
    ON CONFLICT (from_id, to_id, relation) DO NOTHING`.execute(db);
  return Number(numAffectedRows ?? 0);
}
