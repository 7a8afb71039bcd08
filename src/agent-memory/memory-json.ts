import { toRfc3339 } from "../core/rfc3339.ts";
import type {
  ConsolidationProposal,
  ContradictionCandidate,
  MemoryAssociation,
  MemoryHit,
  MemoryRecord,
  MemorySession,
  MemoryStats,
  RelatedMemory,
} from "./memory.ts";

const orNull = (time: Date | null) => (time === null ? null : toRfc3339(time));

/** A memory as commands, the API and tools give it. */
export function toMemoryJson(memory: MemoryRecord) {
  const { id, agent, scope, content, importance, metadata, subject, source, actor } = memory;
  return {
    id,
    session_id: memory.sessionId,
    ...{ agent, scope, content },
    memory_type: memory.memoryType,
    ...{ importance, metadata, subject, source, actor },
    trust: memory.trust,
    origin: memory.origin,
    created_at: toRfc3339(memory.createdAt),
    updated_at: toRfc3339(memory.updatedAt),
    valid_from: orNull(memory.validFrom),
    valid_to: orNull(memory.validTo),
    expires_at: orNull(memory.expiresAt),
    last_accessed: orNull(memory.lastAccessed),
    access_count: memory.accessCount,
    repeat_count: memory.repeatCount,
    superseded_by: memory.supersededBy,
  };
}

/** A hit of a search (reference: cli.md, section 6). */
export function toHitJson({ rank, id, score, content, metadata, parts, ...hit }: MemoryHit) {
  return {
    ...{ rank, id, score, content },
    memory_type: hit.memoryType,
    metadata,
    created_at: toRfc3339(hit.createdAt),
    parts: {
      semantic: parts.semantic,
      lexical: parts.lexical,
      recency: parts.recency,
      importance: parts.importance,
      association: parts.association,
    },
  };
}

export function toSessionJson(session: MemorySession) {
  return {
    session_id: session.sessionId,
    agent: session.agent,
    memories: session.memories,
    created_at: toRfc3339(session.createdAt),
    last_active_at: toRfc3339(session.lastActiveAt),
  };
}

export function toAssociationJson(association: MemoryAssociation) {
  const { from, to, relation, strength, isAutomatic, createdAt } = association;
  return {
    ...{ from, to, relation, strength },
    is_automatic: isAutomatic,
    created_at: toRfc3339(createdAt),
  };
}

export function toRelatedJson({ memory, depth, strength, path }: RelatedMemory) {
  return { depth, strength, memory: toMemoryJson(memory), path: path.map(toAssociationJson) };
}

export function toProposalJson({ keep, merge, similarity, summary }: ConsolidationProposal) {
  return { keep, merge: [...merge], similarity, summary };
}

export function toContradictionJson(candidate: ContradictionCandidate) {
  const { from, to, similarity, reasons, contents } = candidate;
  return { from, to, similarity, reasons: [...reasons], contents: [...contents] };
}

export function toStatsJson(stats: MemoryStats) {
  const { memories, sessions, byType, associations, embedding, sealing } = stats;
  const { isIndexed, ...model } = embedding;
  const told = { ...model, is_indexed: isIndexed };
  return { memories, sessions, by_type: { ...byType }, associations, embedding: told, sealing };
}
