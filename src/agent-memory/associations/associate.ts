import { z } from "zod";
import { DuetMindError } from "../../core/errors.ts";
import type { Database } from "../../store/database.ts";
import {
  MEMORY_RELATIONS,
  type MemoryAssociation,
  type MemoryIdentity,
  type MemoryRelation,
} from "../memory.ts";
import { memoryId, memorySessionId, unitNumber } from "../parse-memory.ts";
import { noMemory } from "../read-memories.ts";
import {
  type AssociationRow,
  type Ends,
  edgesBetween,
  lockAssociations,
  type NewAssociation,
  upsertAssociations,
  visibleIds,
} from "./association-queries.ts";

export const associationSchema = z.strictObject({
  from: memoryId,
  to: memoryId,
  relation: z.enum(MEMORY_RELATIONS),
  strength: unitNumber.default(1),
  /** For callers that see one session at a time. */
  sessionId: memorySessionId.optional(),
});

export const endsSchema = associationSchema.omit({ strength: true });

/** Either way round they say the same, and are stored once, from the lesser id. */
const SYMMETRIC: ReadonlySet<MemoryRelation> = new Set(["similar", "contradicts"]);
/** A cause of itself, or a part of a part of itself, cannot be. */
const ACYCLIC: ReadonlySet<MemoryRelation> = new Set(["causal", "temporal", "part-of"]);

/** The one form in which an association is stored. */
export function normaliseAssociation<T extends Ends>(association: T): T {
  const [a, b] = [association.from.toLowerCase(), association.to.toLowerCase()];
  const isTurned = SYMMETRIC.has(association.relation) && b < a;
  return { ...association, ...(isTurned ? { from: b, to: a } : { from: a, to: b }) };
}

/**
 * Associates memories in the caller's transaction. Both ends have to be there for the caller: an end
 * that is another's is NOT_FOUND like one that never was.
 */
export async function addAssociations(
  db: Database,
  identity: MemoryIdentity,
  associations: readonly NewAssociation[],
  now: Date,
): Promise<MemoryAssociation[]> {
  if (associations.length === 0) return [];
  // said twice in one call, the later counts
  const normal = new Map(
    associations.map(normaliseAssociation).map((each) => [keyOf(each), each] as const),
  );
  const ends = [...normal.values()].flatMap(({ from, to }) => [from, to]);
  const visible = await visibleIds(db, [...new Set(ends)]);
  const missing = ends.find((id) => !visible.has(id));
  if (missing !== undefined) throw noMemory(missing);
  for (const { from, to } of normal.values()) {
    if (from !== to) continue;
    throw new DuetMindError("BAD_INPUT", `association: expected two memories, got ${from} twice`);
  }
  const directed = [...normal.values()].filter(({ relation }) => ACYCLIC.has(relation));
  const others = [...normal.values()].filter(({ relation }) => !ACYCLIC.has(relation));
  const rows = await upsertAssociations(db, others, identity, now);
  if (directed.length > 0) await lockAssociations(db);
  for (const each of directed) {
    await assertNoWayBack(db, each);
    rows.push(...(await upsertAssociations(db, [each], identity, now)));
  }
  return rows.map(toAssociation);
}

const keyOf = ({ from, to, relation }: NewAssociation) => `${from} ${relation} ${to}`;

async function assertNoWayBack(
  db: Database,
  { from, to, relation }: NewAssociation,
): Promise<void> {
  const edges = await edgesBetween(db, to, from, relation);
  if (edges.length === 0) return;
  const path = [from, ...shortestPath(edges, to, from)];
  throw new DuetMindError(
    "CONFLICT",
    `association: expected no cycle of ${relation}, got ${path.join(" → ")}`,
    { hint: "turn this one around, or remove one on the way that is wrong" },
  );
}

export function noAssociation({ from, to, relation }: Ends): DuetMindError {
  return new DuetMindError(
    "NOT_FOUND",
    `association: expected one of ${relation} from ${from} to ${to}, got none`,
    { hint: "duetmind memory related lists what a memory is associated with" },
  );
}

/** The ids from `start` to `end`, both included, along the edges: breadth first. */
export function shortestPath(
  edges: readonly Readonly<{ from_id: string; to_id: string }>[],
  start: string,
  end: string,
): string[] {
  const next = new Map<string, string[]>();
  for (const { from_id, to_id } of edges) {
    next.set(from_id, [...(next.get(from_id) ?? []), to_id]);
  }
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const at of queue) {
    if (at === end) break;
    for (const to of next.get(at) ?? []) {
      if (to === start || cameFrom.has(to)) continue;
      cameFrom.set(to, at);
      queue.push(to);
    }
  }
  const path: string[] = [];
  for (let at: string | undefined = end; at !== undefined; ) {
    path.unshift(at);
    at = at === start ? undefined : cameFrom.get(at);
  }
  return path;
}

export function toAssociation(row: AssociationRow): MemoryAssociation {
  return {
    from: row.from_id,
    to: row.to_id,
    relation: row.relation,
    strength: row.strength,
    isAutomatic: row.is_automatic,
    createdAt: row.created_at,
  };
}
