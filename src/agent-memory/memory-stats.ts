import { sql } from "kysely";
import { z } from "zod";
import { parseWith } from "../core/parse.ts";
import type { Memory, MemoryIdentity } from "./memory.ts";
import type { MemoryParts } from "./memory-parts.ts";
import { memorySessionId } from "./parse-memory.ts";
import { isSealed } from "./privacy/reseal-memories.ts";
import { assertSession } from "./read-memories.ts";
import { indexOf } from "./retrieval/index-vectors.ts";
import { inSession, within } from "./within.ts";

const schema = z.strictObject({ sessionId: memorySessionId.optional() });

type TypeRow = Readonly<{ type: string; memories: number; embedded: number; sealed: number }>;

/** Counts what the caller sees, and how much of it the present model has embedded. */
export function createStats(
  { database, embedder, privacy, effects }: MemoryParts,
  identity: MemoryIdentity,
): Pick<Memory, "stats"> {
  return {
    async stats(options = {}) {
      const { sessionId } = parseWith(schema, options, "memory stats");
      const asking = { ...inSession(identity, sessionId), at: effects.clock.now() };
      const { types, counts } = await within(database, asking, async (db) => {
        if (sessionId !== undefined) await assertSession(db, sessionId);
        const inIt = sessionId === undefined ? sql`true` : sql`m.session_id = ${sessionId}`;
        const { rows: types } = await sql<TypeRow>`
          SELECT m.memory_type AS type, count(*)::int AS memories, count(*) FILTER (WHERE EXISTS (
              SELECT FROM duetmind.memory_embedding e
              WHERE e.memory_id = m.id AND e.model_fingerprint = ${embedder.fingerprint}
            ))::int AS embedded, count(*) FILTER (WHERE ${isSealed(privacy.seal)})::int AS sealed
          FROM duetmind.agent_memory m WHERE ${inIt} GROUP BY 1 ORDER BY 1`.execute(db);
        const { rows } = await sql<{ sessions: number; associations: number; indexed: boolean }>`
          SELECT ${indexOf(embedder.fingerprint)} IS NOT NULL AS indexed,
            (SELECT count(*)::int FROM duetmind.agent_sessions s
             WHERE ${sessionId === undefined ? sql`true` : sql`s.session_id = ${sessionId}`}) AS sessions,
            (SELECT count(*)::int FROM duetmind.memory_associations a
             JOIN duetmind.agent_memory m ON m.id = a.from_id WHERE ${inIt}) AS associations`.execute(
          db,
        );
        return { types, counts: rows[0]! };
      });
      const sum = (of: "memories" | "embedded" | "sealed") =>
        types.reduce((all, row) => all + row[of], 0);
      return {
        memories: sum("memories"),
        sessions: counts.sessions,
        associations: counts.associations,
        byType: Object.fromEntries(types.map(({ type, memories }) => [type, memories])),
        embedding: {
          fingerprint: embedder.fingerprint,
          model: embedder.model,
          runtime: embedder.runtime,
          dimensions: embedder.dimensions,
          isIndexed: counts.indexed,
          embedded: sum("embedded"),
          waiting: sum("memories") - sum("embedded"),
        },
        sealing:
          privacy.seal === undefined
            ? null
            : { sealed: sum("sealed"), waiting: sum("memories") - sum("sealed") },
      };
    },
  };
}
