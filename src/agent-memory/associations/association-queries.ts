import { sql } from "kysely";
import type { Database } from "../../store/database.ts";
import type { MemoryRelation } from "../memory.ts";

export type AssociationRow = Readonly<{
  from_id: string;
  to_id: string;
  relation: MemoryRelation;
  strength: number;
  is_automatic: boolean;
  created_at: Date;
}>;

export type Ends = Readonly<{ from: string; to: string; relation: MemoryRelation }>;

export type NewAssociation = Ends & Readonly<{ strength: number }>;

/** Which of the ids the caller may see. */
export async function visibleIds(
  db: Database,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`SELECT m.id FROM duetmind.agent_memory m
    WHERE m.id = ANY(${ids}::uuid[])`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

/** Lets one transaction at a time look for a way back and add an edge; readers do not wait. */
export async function lockAssociations(db: Database): Promise<void> {
  await sql`LOCK TABLE duetmind.memory_associations IN SHARE ROW EXCLUSIVE MODE`.execute(db);
}

/** The edges that lead from a memory along a relation, each once, if one of them ends at `end`. */
export async function edgesBetween(
  db: Database,
  start: string,
  end: string,
  relation: MemoryRelation,
): Promise<readonly Readonly<{ from_id: string; to_id: string }>[]> {
  const { rows } = await sql<{ from_id: string; to_id: string }>`
    WITH RECURSIVE edge AS (
      SELECT a.from_id, a.to_id FROM duetmind.memory_associations a
      WHERE a.from_id = ${start}::uuid AND a.relation = ${relation}
      UNION
      SELECT a.from_id, a.to_id FROM edge e
      JOIN duetmind.memory_associations a ON a.from_id = e.to_id AND a.relation = ${relation}
    )
    SELECT from_id, to_id FROM edge WHERE EXISTS (SELECT FROM edge WHERE to_id = ${end}::uuid)`.execute(
    db,
  );
  return rows;
}

/** Writes associations; one that is there takes the new strength, and is nobody's guess any more. */
export async function upsertAssociations(
  db: Database,
  associations: readonly NewAssociation[],
  writer: Readonly<{ tenant: string; actor: string }>,
  now: Date,
): Promise<AssociationRow[]> {
  if (associations.length === 0) return [];
  const { rows } = await sql<AssociationRow>`INSERT INTO duetmind.memory_associations AS a
      (from_id, to_id, relation, tenant, strength, is_automatic, actor, created_at)
    SELECT from_id, to_id, relation, ${writer.tenant}, strength, false, ${writer.actor}, ${now}
    FROM unnest(${associations.map(({ from }) => from)}::uuid[],
      ${associations.map(({ to }) => to)}::uuid[],
      ${associations.map(({ relation }) => relation)}::text[],
      ${associations.map(({ strength }) => strength)}::double precision[])
      AS r(from_id, to_id, relation, strength)
    ON CONFLICT (from_id, to_id, relation) DO UPDATE
      SET strength = excluded.strength, is_automatic = false, actor = excluded.actor
    RETURNING from_id, to_id, relation, strength, is_automatic, created_at`.execute(db);
  return rows;
}

/** Deletes an association whose ends the caller sees; gives whether there was one. */
export async function deleteAssociation(
  db: Database,
  { from, to, relation }: Ends,
): Promise<boolean> {
  const { rows } = await sql`DELETE FROM duetmind.memory_associations a
    WHERE a.from_id = ${from}::uuid AND a.to_id = ${to}::uuid AND a.relation = ${relation}
    RETURNING a.from_id`.execute(db);
  return rows.length > 0;
}

export type RelatedRow = Readonly<{
  id: string;
  depth: number;
  strength: number;
  path: readonly Readonly<{
    from: string;
    to: string;
    relation: MemoryRelation;
    strength: number;
    is_automatic: boolean;
    created_at: string;
  }>[];
}>;

export type RelatedRequest = Readonly<{
  id: string;
  depth: number;
  limit: number;
  /** None is every relation. */
  relations: readonly MemoryRelation[] | null;
}>;

/** At each step only the strongest associations are followed, so that a hub does not explode. */
export const MOST_BRANCHES = 32;

/** What is weaker leads nowhere; products of such strengths are numbers that PostgreSQL refuses. */
const LEAST_STRENGTH = 1e-6;

/**
 * What can be reached from a memory in so many steps, in either direction of an association: for each
 * memory its strongest way, which visits none twice. The policies hide what is not for the caller, and
 * every way that leads through it.
 */
export async function findRelated(db: Database, request: RelatedRequest): Promise<RelatedRow[]> {
  const { id, depth, limit, relations } = request;
  const { rows } = await sql<RelatedRow>`
    WITH RECURSIVE walk AS (
      SELECT ${id}::uuid AS id, 0 AS depth, 1::double precision AS strength,
        ARRAY[${id}::uuid] AS seen, '[]'::jsonb AS path
      UNION ALL
      SELECT step.id, w.depth + 1, w.strength * step.strength, w.seen || step.id, w.path || step.edge
      FROM walk w CROSS JOIN LATERAL (
        SELECT CASE WHEN a.from_id = w.id THEN a.to_id ELSE a.from_id END AS id, a.strength,
          jsonb_build_object('from', a.from_id, 'to', a.to_id, 'relation', a.relation,
            'strength', a.strength, 'is_automatic', a.is_automatic, 'created_at', a.created_at) AS edge
        FROM (
          SELECT * FROM duetmind.memory_associations o WHERE o.from_id = w.id AND o.to_id <> ALL (w.seen)
          UNION ALL
          SELECT * FROM duetmind.memory_associations i WHERE i.to_id = w.id AND i.from_id <> ALL (w.seen)
        ) a
        WHERE a.strength >= ${LEAST_STRENGTH}::double precision
          AND (${relations}::text[] IS NULL OR a.relation = ANY (${relations}::text[]))
        ORDER BY a.strength DESC, a.from_id, a.to_id, a.relation LIMIT ${MOST_BRANCHES}::int
      ) step
      WHERE w.depth < ${depth}::int
    ), best AS (
      SELECT DISTINCT ON (id) id, depth, strength, path FROM walk WHERE depth > 0
      ORDER BY id, strength DESC, depth, path::text
    )
    SELECT id, depth, strength, path FROM best
    ORDER BY strength DESC, depth, id LIMIT ${limit}::int`.execute(db);
  return rows;
}
