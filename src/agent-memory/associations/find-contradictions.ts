import { sql } from "kysely";
import { z } from "zod";
import { parseWith } from "../../core/parse.ts";
import type { Database } from "../../store/database.ts";
import type { ContradictionCandidate, Memory, MemoryIdentity } from "../memory.ts";
import { auditMemories } from "../memory-audit.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { toMemoryRecord } from "../memory-row.ts";
import { memorySessionId } from "../parse-memory.ts";
import { assertSession } from "../read-memories.ts";
import { findMemories } from "../read-memory-queries.ts";
import { inSession, within } from "../within.ts";
import { contradictionReasons, factsOf } from "./text-facts.ts";

/** Of so many near pairs the texts are compared, the nearest first. */
const MOST_COMPARED = 2_000;

const schema = z.strictObject({
  sessionId: memorySessionId.optional(),
  limit: z.int().min(1).max(1_000).default(50),
});

/**
 * Pairs that may contradict each other: linked as similar by the platform, about one subject, valid at
 * one time, and apart in a number, a denial or a pair of opposites. Candidates for somebody to judge, no
 * facts: nothing is written. A pair that somebody has associated as `contradicts` is not told again.
 */
export async function findContradictions(
  parts: MemoryParts,
  identity: MemoryIdentity,
  options: Parameters<Memory["contradictionCandidates"]>[0] = {},
): Promise<ContradictionCandidate[]> {
  const { sessionId, limit } = parseWith(schema, options, "contradictions");
  const { clock } = parts.effects;
  const asking = { ...inSession(identity, sessionId), at: clock.now() };
  return within(parts.database, asking, async (db) => {
    if (sessionId !== undefined) await assertSession(db, sessionId);
    const pairs = await nearPairs(db, sessionId ?? null);
    const rows = await findMemories(db, [...new Set(pairs.flatMap(({ a, b }) => [a, b]))]);
    const records = new Map(
      rows.map((row) => {
        const record = toMemoryRecord(row, parts.privacy);
        return [row.id, { ...record, facts: factsOf(record.content) }] as const;
      }),
    );
    const found: ContradictionCandidate[] = [];
    for (const { a, b, similarity } of pairs) {
      const [from, to] = [records.get(a)!, records.get(b)!];
      const reasons = contradictionReasons(from.facts, to.facts);
      const contents = [from.content, to.content] as const;
      if (reasons.length > 0) found.push({ from: a, to: b, similarity, reasons, contents });
      if (found.length === limit) break;
    }
    const ids = [...new Set(found.flatMap(({ from, to }) => [from, to]))];
    await auditMemories(db, identity, { action: "memory.contradictions", ids }, clock);
    return found;
  });
}

async function nearPairs(db: Database, sessionId: string | null) {
  const { rows } = await sql<Readonly<{ a: string; b: string; similarity: number }>>`
    SELECT s.from_id AS a, s.to_id AS b, s.strength AS similarity
    FROM duetmind.memory_associations s
    JOIN duetmind.agent_memory m ON m.id = s.from_id AND m.superseded_by IS NULL
    JOIN duetmind.agent_memory n ON n.id = s.to_id AND n.superseded_by IS NULL
    WHERE s.relation = 'similar' AND s.is_automatic
      AND (${sessionId}::text IS NULL OR m.session_id = ${sessionId} OR n.session_id = ${sessionId})
      AND m.subject IS NOT DISTINCT FROM n.subject
      AND tstzrange(m.valid_from, m.valid_to, '[]') && tstzrange(n.valid_from, n.valid_to, '[]')
      AND NOT EXISTS (SELECT FROM duetmind.memory_associations c
        WHERE c.from_id = s.from_id AND c.to_id = s.to_id AND c.relation = 'contradicts')
    ORDER BY s.strength DESC, s.from_id, s.to_id LIMIT ${MOST_COMPARED}::int`.execute(db);
  return rows;
}
