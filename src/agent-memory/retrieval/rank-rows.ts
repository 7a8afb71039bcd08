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

export type RankedMemory = Readonly<{ id: string; score: number; parts: ScoreParts }>;

export type Asked = Readonly<{ query: string; period: NamedPeriod | undefined; now: Date }>;

/** A candidate with its row; what associations alone lead to is no candidate. */
export type Found = Readonly<{
  row: CandidateRow;
  /** The content of the row in clear. */
  text: string;
  candidate: Candidate | undefined;
}>;

/** The whole score of each, the best first; equal ones in the order in which they were stored. */
export function rankRows(
  found: readonly Found[],
  links: readonly Link[],
  asked: Asked,
  params: Pick<MemoryParams, "retrieval" | "life_cycle">,
): RankedMemory[] {
  const lent = lentBy(found, links);
  const ranked = found.map((each) => {
    const { row } = each;
    const parts = partsOf(each, lent.get(row.id) ?? 0, asked, params);
    const score = totalScore(parts, params.retrieval.weights, asked.period !== undefined);
    return { id: row.id, position: Number(row.position), score, parts };
  });
  ranked.sort((a, b) => b.score - a.score || a.position - b.position);
  return ranked.map(({ id, score, parts }) => ({ id, score, parts }));
}

const NOT_FOUND = { cosine: 0, bm25: 0 };

function partsOf(
  { row, text, candidate }: Found,
  associated: number,
  { query, period, now }: Asked,
  params: Pick<MemoryParams, "life_cycle">,
): ScoreParts {
  const { speaker, isQuestion, substance } = textCues(text, row.actor);
  const direct = candidate?.direct ?? NOT_FOUND;
  const memory = {
    importance: row.importance_score,
    memoryType: row.memory_type,
    createdAt: row.created_at,
    lastAccessed: row.last_accessed,
    accessCount: row.access_count,
  };
  const halfLife = halfLifeMs(row.memory_type, params.life_cycle);
  const isNamed = namesSpeaker(query, speaker);
  return {
    semantic: semanticPart(direct),
    lexical: lexicalPart(direct, { isNamed, substance, isQuestion }),
    recency: recencyPart(row.created_at, now, period, halfLife),
    importance: effectiveImportance(memory, now, params.life_cycle),
    association: associationPart(candidate?.beside ?? [], associated),
  };
}

/** For each memory the greatest strength × fit of what it is associated with. */
function lentBy(found: readonly Found[], links: readonly Link[]): ReadonlyMap<string, number> {
  const fits = new Map(found.map(({ row, candidate }) => [row.id, candidate?.fit ?? 0]));
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
