import { type RawBuilder, sql } from "kysely";
import type { Database } from "../../store/database.ts";
import { contentDigest } from "../content-digest.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { contentOf } from "../memory-row.ts";
import { termCode, textTerms } from "../retrieval/text-terms.ts";
import { searchedText } from "../searched-text.ts";
import { UPKEEP, within } from "../within.ts";
import type { ContentSeal } from "./seal-content.ts";

const BATCH = 50;
const SEALED_HEADER_BYTES = 5;

type StaleRow = Readonly<{
  id: string;
  tenant: string;
  content: string | null;
  content_sealed: Buffer | null;
  metadata: Readonly<Record<string, unknown>>;
  actor: string | null;
}>;

/**
 * Brings every memory under the current key: what is in clear or under an older key is sealed again,
 * with its keyed digest and terms. A batch is a transaction, so that a kill loses nothing; once all are
 * done the older keys may go. Gives how many were sealed: at most `most` and what fills up a batch.
 */
export async function resealMemories(
  parts: MemoryParts,
  signal: AbortSignal,
  most = Number.POSITIVE_INFINITY,
): Promise<number> {
  const { seal } = parts.privacy;
  if (seal === undefined) return 0;
  let resealed = 0;
  for (const tenant of await tenants(parts)) {
    for (let done = BATCH; done === BATCH && resealed < most && !signal.aborted; ) {
      done = await resealBatch(parts, seal, tenant);
      resealed += done;
    }
  }
  return resealed;
}

function tenants({ database }: MemoryParts): Promise<string[]> {
  return within(database, { identity: UPKEEP, at: null }, async (db) => {
    const { rows } = await sql<{ tenant: string }>`SELECT DISTINCT s.tenant
      FROM duetmind.agent_sessions s ORDER BY s.tenant`.execute(db);
    return rows.map(({ tenant }) => tenant);
  });
}

function resealBatch(parts: MemoryParts, seal: ContentSeal, tenant: string): Promise<number> {
  const identity = { tenant, agent: "", reach: "tenant" } as const;
  return within(parts.database, { identity, at: null }, async (db) => {
    const rows = await lockStale(db, seal);
    for (const row of rows) {
      const content = contentOf(row, parts.privacy);
      const digest = contentDigest({ content, metadata: row.metadata }, seal);
      const terms = textTerms(searchedText({ content, actor: row.actor }));
      const codes = terms.map((term) => termCode(term, seal));
      await sql`UPDATE duetmind.agent_memory AS m
        SET content = NULL, content_sealed = ${seal.seal(content, row)},
          terms = ${codes}::integer[],
          content_digest = CASE WHEN EXISTS (SELECT FROM duetmind.agent_memory o
            WHERE o.tenant = m.tenant AND o.agent = m.agent AND o.session_id = m.session_id
              AND o.content_digest = ${digest} AND o.id <> m.id)
            THEN ${`${digest}:${row.id}`} ELSE ${digest} END
        WHERE m.id = ${row.id}`.execute(db);
    }
    return rows.length;
  });
}

/** Whether a row of `m` is under the current key. */
export function isSealed(seal: ContentSeal | undefined): RawBuilder<boolean> {
  if (seal === undefined) return sql`false`;
  return sql`(m.content IS NULL
    AND substring(m.content_sealed FROM 1 FOR ${SEALED_HEADER_BYTES}::int) = ${seal.header})`;
}

async function lockStale(db: Database, seal: ContentSeal): Promise<StaleRow[]> {
  const { rows } =
    await sql<StaleRow>`SELECT m.id, m.tenant, m.content, m.content_sealed, m.metadata, m.actor
    FROM duetmind.agent_memory m
    WHERE NOT ${isSealed(seal)}
    ORDER BY m.id LIMIT ${BATCH}::int FOR UPDATE SKIP LOCKED`.execute(db);
  return rows;
}
