import { sql } from "kysely";
import type { Database } from "../../store/database.ts";
import { insertVectors } from "../insert-memory-queries.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { contentOf, type MemoryRow } from "../memory-row.ts";
import { searchedText } from "../searched-text.ts";
import { UPKEEP, within } from "../within.ts";
import { sessionKeys } from "./searched-place.ts";

const BATCH = 50;

type Stale = Pick<
  MemoryRow,
  "id" | "tenant" | "agent" | "session_id" | "scope" | "actor" | "content" | "content_sealed"
> &
  Readonly<{ version: string }>;

/**
 * Brings every memory into the space of the model that is used now, and takes the vectors of others
 * away once all are there. Batches are transactions: a kill costs one of them. Spaces are never mixed meanwhile: a
 * search compares vectors of its own model only, and finds the memories that have none by their words.
 * `most` ends it after so many, or a few more, for who does not stay.
 */
export async function embedAgain(
  parts: MemoryParts,
  signal: AbortSignal,
  most = Number.POSITIVE_INFINITY,
): Promise<number> {
  let embedded = 0;
  for (const tenant of await tenants(parts)) {
    for (;;) {
      if (signal.aborted || embedded >= most) return embedded;
      const stale = await findStale(parts, tenant);
      if (stale.length === 0) break;
      embedded += await embedBatch(parts, tenant, stale);
    }
    // who does a little has no time to look through all vectors for nothing
    if (embedded > 0 || most === Number.POSITIVE_INFINITY) await dropOthers(parts, tenant);
  }
  return embedded;
}

function tenants({ database }: MemoryParts): Promise<string[]> {
  return within(database, { identity: UPKEEP, at: null }, async (db) => {
    const { rows } = await sql<{ tenant: string }>`SELECT DISTINCT s.tenant
      FROM duetmind.agent_sessions s ORDER BY s.tenant`.execute(db);
    return rows.map(({ tenant }) => tenant);
  });
}

function asTenant<T>(
  { database }: MemoryParts,
  tenant: string,
  run: (db: Database) => Promise<T>,
): Promise<T> {
  return within(database, { identity: { tenant, agent: "", reach: "tenant" }, at: null }, run);
}

function findStale(parts: MemoryParts, tenant: string): Promise<Stale[]> {
  return asTenant(parts, tenant, async (db) => {
    const { rows } =
      await sql<Stale>`SELECT m.id, m.tenant, m.agent, m.session_id, m.scope, m.actor,
        m.content, m.content_sealed, m.content_digest || m.scope AS version
      FROM duetmind.agent_memory m
      WHERE NOT EXISTS (SELECT FROM duetmind.memory_embedding e WHERE e.memory_id = m.id
        AND e.model_fingerprint = ${parts.embedder.fingerprint})
      ORDER BY m.id LIMIT ${BATCH}::int`.execute(db);
    return rows;
  });
}

/** What was changed, forgotten or embedded by another process meanwhile is left to the next round. */
async function embedBatch(
  parts: MemoryParts,
  tenant: string,
  stale: readonly Stale[],
): Promise<number> {
  const texts = stale.map((row) =>
    searchedText({ content: contentOf(row, parts.privacy), actor: row.actor }),
  );
  const vectors = await parts.embedder.embed(texts);
  const { fingerprint } = parts.embedder;
  return asTenant(parts, tenant, async (db) => {
    const { rows } = await sql<{ id: string; version: string }>`SELECT m.id,
        m.content_digest || m.scope AS version
      FROM duetmind.agent_memory m
      WHERE m.id = ANY (${stale.map(({ id }) => id)}::uuid[])
        AND NOT EXISTS (SELECT FROM duetmind.memory_embedding e
          WHERE e.memory_id = m.id AND e.model_fingerprint = ${fingerprint})
      ORDER BY m.id FOR UPDATE OF m`.execute(db);
    const versions = new Map(rows.map(({ id, version }) => [id, version]));
    const current = stale.flatMap((row, i) =>
      versions.get(row.id) === row.version ? [{ row, chunks: vectors[i]! }] : [],
    );
    for (const agent of new Set(current.map(({ row }) => row.agent))) {
      const own = current.filter(({ row }) => row.agent === agent);
      const chunks = own.flatMap(({ row, chunks }) =>
        chunks.map((vector, chunk) => ({
          ...{ memoryId: row.id, sessionId: row.session_id, scope: row.scope, chunk, vector },
        })),
      );
      await insertVectors(db, { tenant, agent }, parts.embedder, chunks);
    }
    return current.length;
  });
}

async function dropOthers(parts: MemoryParts, tenant: string): Promise<void> {
  const { fingerprint } = parts.embedder;
  await asTenant(parts, tenant, async (db) => {
    const { rows } = await sql<{ other: string }>`WITH gone AS (
        DELETE FROM duetmind.memory_embedding e WHERE e.tenant = ${tenant}
          AND e.session_key = ANY (${sessionKeys(sql`s.tenant = ${tenant}`)})
          AND e.model_fingerprint <> ${fingerprint} RETURNING e.model_fingerprint)
      SELECT DISTINCT model_fingerprint AS other FROM gone`.execute(db);
    for (const { other } of rows) {
      await sql`SELECT duetmind.drop_memory_vectors_index(${other})`.execute(db);
    }
  });
}
