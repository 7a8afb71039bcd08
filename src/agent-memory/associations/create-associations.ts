import { z } from "zod";
import { parseWith } from "../../core/parse.ts";
import {
  MEMORY_RELATIONS,
  type Memory,
  type MemoryIdentity,
  type RelatedMemory,
} from "../memory.ts";
import { auditMemories } from "../memory-audit.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { toMemoryRecord } from "../memory-row.ts";
import { memoryId, memorySessionId } from "../parse-memory.ts";
import { noMemory } from "../read-memories.ts";
import { findMemories } from "../read-memory-queries.ts";
import { inSession, within } from "../within.ts";
import {
  addAssociations,
  associationSchema,
  endsSchema,
  normaliseAssociation,
} from "./associate.ts";
import { deleteAssociation, findRelated, type RelatedRow } from "./association-queries.ts";
import { findContradictions } from "./find-contradictions.ts";

type Associations = Pick<
  Memory,
  "associate" | "dissociate" | "relatedMemories" | "contradictionCandidates"
>;

export const MOST_DEPTH = 3;

const relatedSchema = z.strictObject({
  depth: z.int().min(1).max(MOST_DEPTH).default(2),
  limit: z.int().min(1).max(1_000).default(50),
  relations: z.array(z.enum(MEMORY_RELATIONS)).max(MEMORY_RELATIONS.length).optional(),
  sessionId: memorySessionId.optional(),
});

/** The methods of a caller's memory that are about associations. */
export function createAssociations(parts: MemoryParts, identity: MemoryIdentity): Associations {
  const { clock } = parts.effects;
  return {
    async associate(input) {
      const { sessionId, ...association } = parseWith(associationSchema, input, "association");
      const now = clock.now();
      const asking = { ...inSession(identity, sessionId), at: now };
      return within(parts.database, asking, async (db) => {
        const [added] = await addAssociations(db, identity, [association], now);
        const { from, to, relation, strength } = added!;
        const details = { relation, strength };
        const deed = { action: "memory.associate", ids: [from, to], details };
        await auditMemories(db, identity, deed, clock);
        return added!;
      });
    },
    async dissociate(input) {
      const { sessionId, ...named } = parseWith(endsSchema, input, "association");
      const ends = normaliseAssociation(named);
      const asking = { ...inSession(identity, sessionId), at: clock.now() };
      return within(parts.database, asking, async (db) => {
        const isRemoved = await deleteAssociation(db, ends);
        if (!isRemoved) return false;
        const { from, to, relation } = ends;
        const deed = { action: "memory.dissociate", ids: [from, to], details: { relation } };
        await auditMemories(db, identity, deed, clock);
        return true;
      });
    },
    contradictionCandidates: (options) => findContradictions(parts, identity, options),
    async relatedMemories(id, options = {}) {
      const { sessionId, relations, ...rest } = parseWith(
        relatedSchema,
        options,
        "related memories",
      );
      if (!memoryId.safeParse(id).success) throw noMemory(id);
      const asking = { ...inSession(identity, sessionId), at: clock.now() };
      const request = { ...rest, id, relations: relations ?? null };
      return within(parts.database, asking, async (db) => {
        const [start] = await findMemories(db, [id]);
        if (start === undefined) throw noMemory(id);
        const rows = await findRelated(db, request);
        const ids = rows.map((row) => row.id);
        const memories = new Map((await findMemories(db, ids)).map((row) => [row.id, row]));
        const deed = { action: "memory.related", ids: [id, ...ids] };
        await auditMemories(db, identity, deed, clock);
        return rows.map((row) =>
          toRelated(row, toMemoryRecord(memories.get(row.id)!, parts.privacy)),
        );
      });
    },
  };
}

function toRelated({ depth, strength, path }: RelatedRow, memory: RelatedMemory["memory"]) {
  return {
    memory,
    depth,
    strength,
    path: path.map(({ is_automatic, created_at, ...rest }) => ({
      ...rest,
      isAutomatic: is_automatic,
      createdAt: new Date(created_at),
    })),
  };
}
