import type { Clock } from "../core/clock.ts";
import { uuidV7 } from "../core/ids.ts";
import { contentDigest } from "./content-digest.ts";
import type { NewMemoryRow } from "./insert-memory-queries.ts";
import type { NewMemory } from "./memory.ts";
import type { ContentSeal } from "./privacy/seal-content.ts";
import { termCode, textTerms } from "./retrieval/text-terms.ts";
import { searchedText } from "./searched-text.ts";

/** A memory that a batch may bring, and how often the batch says it. */
export type Draft = Readonly<{ row: NewMemoryRow; memory: NewMemory; times: number }>;

/** Whose memories they are, and what seals them. */
export type Writer = Readonly<{ clock: Clock; seal: ContentSeal | undefined; tenant: string }>;

export type StorePlan = Readonly<{
  drafts: readonly Draft[];
  /** For each memory of the batch the draft that it became. */
  draftOf: readonly number[];
}>;

/** Memories that are equal in session, content and metadata become one. */
export function planStore(
  memories: readonly NewMemory[],
  origin: NewMemoryRow["origin"],
  writer: Writer,
): StorePlan {
  const places = new Map<string, number>();
  const drafts: Draft[] = [];
  const draftOf = memories.map((memory) => {
    const digest = contentDigest(memory, writer.seal);
    const key = memoryKey(memory.sessionId, digest);
    const known = places.get(key);
    if (known === undefined) {
      const row = toRow(memory, digest, origin, writer);
      places.set(key, drafts.push({ row, memory, times: 1 }) - 1);
      return drafts.length - 1;
    }
    const draft = drafts[known]!;
    drafts[known] = { ...draft, times: draft.times + 1 };
    return known;
  });
  return { drafts, draftOf };
}

/** No session has a control character in its name. */
export function memoryKey(sessionId: string, digest: string): string {
  return `${digest}\n${sessionId}`;
}

function toRow(
  memory: NewMemory,
  digest: string,
  origin: NewMemoryRow["origin"],
  { clock, seal, tenant }: Writer,
): NewMemoryRow {
  const id = uuidV7(clock);
  const sealed = seal?.seal(memory.content, { tenant, id });
  return {
    id,
    session_id: memory.sessionId,
    scope: memory.scope ?? "session",
    content: sealed === undefined ? memory.content : null,
    content_sealed: sealed === undefined ? null : `\\x${sealed.toString("hex")}`,
    content_digest: digest,
    terms: textTerms(searchedText(memory)).map((term) => termCode(term, seal)),
    memory_type: memory.memoryType ?? "knowledge",
    importance_score: memory.importance ?? 0.5,
    metadata: memory.metadata ?? {},
    subject: memory.subject ?? null,
    source: memory.source ?? null,
    actor: memory.actor ?? null,
    trust: memory.trust ?? 0.5,
    origin,
    created_at: (memory.createdAt ?? clock.now()).toISOString(),
    valid_from: memory.validFrom?.toISOString() ?? null,
    valid_to: memory.validTo?.toISOString() ?? null,
    expires_at: memory.expiresAt?.toISOString() ?? null,
  };
}
