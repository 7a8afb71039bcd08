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

/**
 * From here the transaction gives up (LOCK_TIMEOUT) rather than to wait long for a row: who forgets
 * memories holds theirs and wants the tasks, the other way round than who links them. It is sooner than
 * PostgreSQL looks for a deadlock, so that it is never the caller who fails.
 */
export async function yieldToOthers(db: Database): Promise<void> {
  await sql`SELECT set_config('lock_timeout', '200ms', true)`.execute(db);
}

/** PostgreSQL's lock_not_available. */
export const LOCK_TIMEOUT = "55P03";

/** What was stored at once is done session by session. */
const FIRST_DUE = sql`due_at, tenant, agent, session_id, memory_id`;

/** The tasks that have been due for longest; they stay locked until the transaction ends. */
export async function lockTasks(db: Database, now: Date, most: number): Promise<MemoryTask[]> {
  const { rows } =
    await sql<MemoryTask>`${PREPARED} SELECT t.memory_id AS "memoryId", t.tenant, t.agent,
      t.session_id AS "sessionId"
    FROM duetmind.memory_task t WHERE t.due_at <= ${now}
    ORDER BY ${FIRST_DUE} LIMIT ${most}::int FOR UPDATE SKIP LOCKED`.execute(db);
  return rows;
}

export async function deleteTasks(db: Database, memoryIds: readonly string[]): Promise<void> {
  await sql`${PREPARED} DELETE FROM duetmind.memory_task WHERE memory_id = ANY(${memoryIds}::uuid[])`.execute(
    db,
  );
}

/** Puts off the task that has been due for longest: 1 minute, 2, 4 … up to a day. */
export async function putOffTask(db: Database, now: Date): Promise<void> {
  await sql`UPDATE duetmind.memory_task
    SET attempts = attempts + 1,
      due_at = ${now}::timestamptz + least(interval '1 day', interval '1 minute' * power(2, least(attempts, 20)))
    WHERE memory_id = (SELECT memory_id FROM duetmind.memory_task WHERE due_at <= ${now}
      ORDER BY ${FIRST_DUE} LIMIT 1 FOR UPDATE SKIP LOCKED)`.execute(db);
}

/** Waits for who works on the tasks of a session to end; gives how many are left. */
export async function awaitTasks(
  db: Database,
  { tenant, agent }: Readonly<{ tenant: string; agent: string }>,
  sessionId: string,
): Promise<number> {
  const { rows } = await sql`SELECT FROM duetmind.memory_task t
    WHERE t.tenant = ${tenant} AND t.agent = ${agent} AND t.session_id = ${sessionId}
    ORDER BY t.memory_id FOR UPDATE`.execute(db);
  return rows.length;
}

export async function countTasks(db: Database): Promise<number> {
  const { rows } = await sql<{ tasks: number }>`SELECT count(*)::int AS tasks
    FROM duetmind.memory_task`.execute(db);
  return rows[0]!.tasks;
}
