import { sql } from "kysely";
import type { Database } from "../../store/database.ts";
import type { LineAssociation } from "../memory.ts";

/** An association, and the memory in whose line it stands. */
export type LineAssociationRow = LineAssociation & Readonly<{ line: string }>;

/**
 * What somebody associated with these memories and was stored before them, as far as it is exported by
 * the same filter.
 */
export async function findLineAssociations(
  db: Database,
  ids: readonly string[],
  filter: Readonly<{ sessionId: string | undefined; memoryTypes: readonly string[] | undefined }>,
): Promise<LineAssociationRow[]> {
  const { sessionId = null, memoryTypes = null } = filter;
  const { rows } = await sql<LineAssociationRow>`
    WITH either AS (
      SELECT a.from_id AS line, a.to_id AS other, a.* FROM duetmind.memory_associations a
      WHERE a.from_id = ANY(${ids}::uuid[]) AND NOT a.is_automatic
      UNION ALL
      SELECT a.to_id AS line, a.from_id AS other, a.* FROM duetmind.memory_associations a
      WHERE a.to_id = ANY(${ids}::uuid[]) AND NOT a.is_automatic
    )
    SELECT e.line, e.from_id AS "from", e.to_id AS "to", e.relation, e.strength
    FROM either e
    JOIN duetmind.agent_memory m ON m.id = e.line
    JOIN duetmind.agent_memory o ON o.id = e.other AND o.position < m.position
    JOIN duetmind.agent_sessions s ON s.tenant = o.tenant AND s.agent = o.agent
      AND s.session_id = o.session_id
    WHERE (${sessionId}::text IS NULL OR o.session_id = ${sessionId})
      AND (${memoryTypes}::text[] IS NULL OR o.memory_type = ANY(${memoryTypes}::text[]))
    ORDER BY o.position, m.position, e.relation, e.from_id`.execute(db);
  return rows;
}
