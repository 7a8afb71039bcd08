import { sql } from "kysely";
import type { Database } from "../store/database.ts";
import { toFloat4Array } from "../store/float4-array.ts";
import { PREPARED } from "../store/prepared.ts";

/** The owner of rows, which the policies hold against who asks. */
export type MemoryOwner = Readonly<{ tenant: string; agent: string }>;

/** A row of agent_memory as it is written; times as ISO texts. */
export type NewMemoryRow = Readonly<{
  id: string;
  session_id: string;
  scope: string;
  content: string | null;
  /** In hex, as json_to_recordset reads a bytea. */
  content_sealed: string | null;
  content_digest: string;
  /** What lexical search compares, in the order of the text: triggers keep the index of them. */
  terms: readonly number[];
  memory_type: string;
  importance_score: number;
  metadata: Readonly<Record<string, unknown>>;
  subject: string | null;
  source: string | null;
  actor: string | null;
  trust: number;
  origin: "stored" | "imported" | "consolidated";
  created_at: string;
  valid_from: string | null;
  valid_to: string | null;
  expires_at: string | null;
}>;

/** Makes the sessions that are not there yet; the others were active now. */
export async function touchSessions(
  db: Database,
  { tenant, agent }: MemoryOwner,
  sessionIds: readonly string[],
  now: Date,
): Promise<void> {
  // in one order, so that two writers wait for each other instead of making a deadlock
  const ids = [...new Set(sessionIds)].sort();
  await sql`${PREPARED} INSERT INTO duetmind.agent_sessions
      (tenant, agent, session_id, created_at, last_active_at)
    SELECT ${tenant}, ${agent}, id, ${now}, ${now} FROM unnest(${ids}::text[]) AS id
    ON CONFLICT (tenant, agent, session_id) DO UPDATE
      SET last_active_at = greatest(agent_sessions.last_active_at, excluded.last_active_at)`.execute(
    db,
  );
}

/** Inserts in the order given, which is the order of the sessions. Gives the ids that were new. */
export async function insertMemories(
  db: Database,
  { tenant, agent }: MemoryOwner,
  rows: readonly NewMemoryRow[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const { rows: inserted } = await sql<{ id: string }>`${PREPARED} INSERT INTO duetmind.agent_memory
      (id, tenant, agent, session_id, scope, content, content_sealed, content_digest, terms, memory_type, importance_score,
       metadata, subject, source, actor, trust, origin, created_at, updated_at, valid_from, valid_to,
       expires_at)
    SELECT id, ${tenant}, ${agent}, session_id, scope, content, content_sealed, content_digest, terms, memory_type,
      importance_score, metadata, subject, source, actor, trust, origin, created_at, ${now}, valid_from,
      valid_to, expires_at
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS r(id uuid, session_id text, scope text,
      content text, content_sealed bytea, content_digest text, terms integer[], memory_type text, importance_score double precision,
      metadata jsonb, subject text, source text, actor text, trust double precision, origin text,
      created_at timestamptz, valid_from timestamptz, valid_to timestamptz, expires_at timestamptz)
    ON CONFLICT (tenant, agent, session_id, content_digest) DO NOTHING
    RETURNING id`.execute(db);
  return new Set(inserted.map(({ id }) => id));
}

export type VectorRow = Readonly<{
  memoryId: string;
  sessionId: string;
  scope: string;
  chunk: number;
  vector: Float32Array;
}>;

export async function insertVectors(
  db: Database,
  { tenant, agent }: MemoryOwner,
  model: Readonly<{ fingerprint: string; dimensions: number }>,
  rows: readonly VectorRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const { dimensions } = model;
  const numbers = toFloat4Array(rows.map(({ vector }) => vector));
  await sql`${PREPARED} INSERT INTO duetmind.memory_embedding
      (memory_id, model_fingerprint, chunk, tenant, agent, session_id, scope, position,
       embedding)
    SELECT r.memory_id, ${model.fingerprint}, r.chunk, ${tenant}, ${agent}, r.session_id, r.scope,
      m.position,
      ((${numbers}::float4[])[(n - 1) * ${dimensions}::int + 1 : n * ${dimensions}::int])::public.vector
    FROM unnest(${rows.map(({ memoryId }) => memoryId)}::uuid[],
      ${rows.map(({ chunk }) => chunk)}::smallint[],
      ${rows.map(({ sessionId }) => sessionId)}::text[],
      ${rows.map(({ scope }) => scope)}::text[])
      WITH ORDINALITY AS r(memory_id, chunk, session_id, scope, n)
    JOIN duetmind.agent_memory m ON m.id = r.memory_id`.execute(db);
}

export type MemoryKey = Readonly<{ sessionId: string; digest: string }>;

/** Memories that are there, by session and digest. */
export async function findByDigest(db: Database, owner: MemoryOwner, keys: readonly MemoryKey[]) {
  return (await byDigest(owner, keys).execute(db)).rows;
}

/** The same, locked, so that they stay as they are seen. */
export async function lockByDigest(db: Database, owner: MemoryOwner, keys: readonly MemoryKey[]) {
  return (
    await sql<KnownMemory>`${byDigest(owner, keys)} ORDER BY m.id FOR UPDATE OF m`.execute(db)
  ).rows;
}

function byDigest({ tenant, agent }: MemoryOwner, keys: readonly MemoryKey[]) {
  return sql<KnownMemory>`SELECT m.id, m.session_id, m.content_digest, m.expires_at
    FROM unnest(${keys.map(({ sessionId }) => sessionId)}::text[],
      ${keys.map(({ digest }) => digest)}::text[]) AS k(session_id, digest)
    JOIN duetmind.agent_memory m ON m.tenant = ${tenant} AND m.agent = ${agent}
      AND m.session_id = k.session_id AND m.content_digest = k.digest`;
}

export type KnownMemory = Readonly<{
  id: string;
  session_id: string;
  content_digest: string;
  expires_at: Date | null;
}>;

/**
 * A memory that is stored again grows stronger: importance goes a tenth of the way to 1 from the
 * greater of the two, for the first five times: what says itself again and again gains no more. Of two
 * expiries the later one holds.
 */
export async function strengthen(
  db: Database,
  repeats: readonly Readonly<{
    id: string;
    importance: number;
    expiresAt: string | null;
    times: number;
  }>[],
  now: Date,
): Promise<void> {
  await sql`UPDATE duetmind.agent_memory m
    SET repeat_count = m.repeat_count + r.times, updated_at = ${now},
      importance_score = 1 - (1 - greatest(m.importance_score, r.importance)) * power(0.9::double precision,
        least(r.times, greatest(0, ${MOST_STRENGTHENED} - m.repeat_count))),
      expires_at = CASE WHEN m.expires_at IS NULL OR r.expires_at IS NULL THEN NULL
        ELSE greatest(m.expires_at, r.expires_at) END
    FROM unnest(${repeats.map(({ id }) => id)}::uuid[],
      ${repeats.map(({ importance }) => importance)}::double precision[],
      ${repeats.map(({ expiresAt }) => expiresAt)}::timestamptz[],
      ${repeats.map(({ times }) => times)}::int[]) AS r(id, importance, expires_at, times)
    WHERE m.id = r.id`.execute(db);
}

const MOST_STRENGTHENED = 5;
