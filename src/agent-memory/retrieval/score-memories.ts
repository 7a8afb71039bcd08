import type { ScoreParts } from "../memory.ts";
import { type NamedPeriod, nearness } from "./named-period.ts";
import type { RetrievalParams } from "./params.ts";

/** How far a memory lends its score to those stored just before and after it, by distance. */
export const NEIGHBOUR_SHARES = [0.3, 0.2, 0.1] as const;
const ALL_SHARES = 2 * NEIGHBOUR_SHARES.reduce((sum, share) => sum + share, 0);
/** What an association lends, at strength 1. */
const ASSOCIATE_SHARE = 0.25;

/** What a lexical part is made of: the words, whether the query names the speaker, and the manner. */
const WORDS = 0.8;
const SPEAKER = 0.08;
const SUBSTANCE = 0.06;
const STATEMENT = 0.06;

/** What the words and the meaning of one memory say of a query: cosine and BM25, 0 to 1. */
export type Direct = Readonly<{ cosine: number; bm25: number }>;

export type Weights = RetrievalParams["weights"];

export function semanticPart({ cosine }: Direct): number {
  return unit(cosine);
}

export function lexicalPart(
  { bm25 }: Direct,
  cues: Readonly<{ isNamed: boolean; substance: number; isQuestion: boolean }>,
): number {
  const { isNamed, substance, isQuestion } = cues;
  const manner = SUBSTANCE * unit(substance) + STATEMENT * (isQuestion ? 0 : 1);
  return WORDS * unit(bm25) + SPEAKER * (isNamed ? 1 : 0) + manner;
}

/** How well a memory itself fits, 0 to 1: what it lends to those beside it. */
export function directFit(direct: Direct, { semantic, lexical }: Weights): number {
  const most = semantic + WORDS * lexical;
  if (most === 0) return 0;
  return (semantic * unit(direct.cosine) + WORDS * lexical * unit(direct.bm25)) / most;
}

/**
 * What the memories stored just before and after one lend it, 0 to 1: their fit, less the farther they
 * are. `before` and `after` have the number of the next one, -1 where there is none.
 */
export function neighbourFit(
  fits: Float64Array,
  before: Int32Array,
  after: Int32Array,
  of: number,
): number {
  let sum = 0;
  let left = of;
  let right = of;
  for (const share of NEIGHBOUR_SHARES) {
    if (left >= 0) left = before[left]!;
    if (right >= 0) right = after[right]!;
    sum += share * ((left < 0 ? 0 : unit(fits[left]!)) + (right < 0 ? 0 : unit(fits[right]!)));
  }
  return sum / ALL_SHARES;
}

/**
 * `beside`: what its neighbours lend a memory; `associated`: the greatest strength × fit of what it is
 * associated with.
 */
export function associationPart(beside: number, associated: number): number {
  return unit(unit(beside) + ASSOCIATE_SHARE * unit(associated));
}

/** Near in time to the period that is asked for, or to now: by the clock, never by rank. */
export function recencyPart(
  createdAt: Date,
  now: Date,
  period: NamedPeriod | undefined,
  halfLifeMs: number,
): number {
  if (period !== undefined) return nearness(createdAt, period);
  return 2 ** (-Math.max(0, now.getTime() - createdAt.getTime()) / halfLifeMs);
}

/** The weighted mean of the parts. */
export function totalScore(parts: ScoreParts, weights: Weights, hasPeriod: boolean): number {
  const recency = hasPeriod ? weights.period : weights.recency;
  const sum =
    weights.semantic * parts.semantic +
    weights.lexical * parts.lexical +
    weights.association * parts.association +
    weights.importance * parts.importance +
    recency * parts.recency;
  const all =
    weights.semantic + weights.lexical + weights.association + weights.importance + recency;
  return all === 0 ? 0 : sum / all;
}

function unit(value: number): number {
  return Math.min(1, Math.max(0, value));
}
