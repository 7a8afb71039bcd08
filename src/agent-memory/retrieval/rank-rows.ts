import { effectiveImportance } from "../life-cycle/effective-importance.ts";
import { halfLifeMs } from "../life-cycle/params.ts";
import type { ScoreParts } from "../memory.ts";
import type { MemoryParams } from "../params.ts";
import type { CandidateRow, Link } from "./candidate-row-queries.ts";
import type { NamedPeriod } from "./named-period.ts";
import type { Candidate } from "./rank-candidates.ts";
import {
  associationPart,
  lexicalPart,
  recencyPart,
  semanticPart,
  totalScore,
} from "./score-memories.ts";
import { namesSpeaker, textCues } from "./text-cues.ts";

export type Asked = Readonly<{
  /** Of the query, in lower case. */
  words: ReadonlySet<string>;
  period: NamedPeriod | undefined;
  now: Date;
}>;

/** A candidate with its row; what associations alone lead to is no candidate. */
export type Found = Readonly<{
  row: CandidateRow;
  /** The content of the row in clear. */
  text: string;
  candidate: Candidate | undefined;
}>;

/** What a memory says for itself: all of its score but what associations lend it. */
export type ScoredMemory = Readonly<{
  id: string;
  position: number;
  bytes: number;
  fit: number;
  beside: number;
  parts: Omit<ScoreParts, "association">;
}>;

export type RankedMemory = Readonly<{
  id: string;
  position: number;
  bytes: number;
  score: number;
  parts: ScoreParts;
}>;

const NOT_FOUND = { direct: { cosine: 0, bm25: 0 }, fit: 0, beside: 0 };

export function scoreRow(
  { row, text, candidate }: Found,
  { words, period, now }: Asked,
  params: Pick<MemoryParams, "life_cycle">,
): ScoredMemory {
  const { speaker, isQuestion, substance } = textCues(text, row.actor);
  const { direct, fit, beside } = candidate ?? NOT_FOUND;
  const memory = {
    importance: row.importance_score,
    memoryType: row.memory_type,
    createdAt: row.created_at,
    lastAccessed: row.last_accessed,
    accessCount: row.access_count,
  };
  const halfLife = halfLifeMs(row.memory_type, params.life_cycle);
  const isNamed = namesSpeaker(words, speaker);
  return {
    id: row.id,
    position: row.position,
    fit,
    beside,
    bytes: row.content_bytes ?? Buffer.byteLength(text),
    parts: {
      semantic: semanticPart(direct),
      lexical: lexicalPart(direct, { isNamed, substance, isQuestion }),
      recency: recencyPart(row.created_at, now, period, halfLife),
      importance: effectiveImportance(memory, now, params.life_cycle),
    },
  };
}

/** The whole score of each, the best first; equal ones in the order in which they were stored. */
export function rankScored(
  scored: readonly ScoredMemory[],
  links: readonly Link[],
  { period }: Asked,
  { retrieval: { weights } }: Pick<MemoryParams, "retrieval">,
): RankedMemory[] {
  const lent = lentBy(scored, links);
  const ranked = scored.map(({ id, position, bytes, beside, parts: own }) => {
    const { semantic, lexical, recency, importance } = own;
    const association = associationPart(beside, lent.get(id) ?? 0);
    const parts = { semantic, lexical, recency, importance, association };
    const score = totalScore(parts, weights, period !== undefined);
    return { id, position, bytes, score, parts };
  });
  return ranked.sort((a, b) => b.score - a.score || a.position - b.position);
}

/** For each memory the greatest strength × fit of what it is associated with. */
function lentBy(
  scored: readonly ScoredMemory[],
  links: readonly Link[],
): ReadonlyMap<string, number> {
  const fits = new Map(scored.map(({ id, fit }) => [id, fit]));
  const lent = new Map<string, number>();
  const lend = (to: string, from: string, strength: number) => {
    lent.set(to, Math.max(lent.get(to) ?? 0, strength * (fits.get(from) ?? 0)));
  };
  for (const { from_id, to_id, strength } of links) {
    lend(to_id, from_id, strength);
    lend(from_id, to_id, strength);
  }
  return lent;
}
