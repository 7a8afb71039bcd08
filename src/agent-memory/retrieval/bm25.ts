import { createPositionIndex, type PositionIndex } from "./position-index.ts";

/**
 * BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009) over postings as the index
 * has them (infra/migrations/0007-memory-terms.up.sql).
 */
export type TermPostings = Readonly<{
  term: number;
  /** Memories that say it. */
  memories: number;
  /** Where they are read: none for a term that too many memories say. */
  blocks: readonly PostingBlock[];
}>;

/** Of one session; `first` is the position that offsets count from. */
export type PostingBlock = Readonly<{
  sessionKey: number;
  first: number;
  postings: Int32Array;
}>;

/** How well memories fit the words of a query, each under the number that `index` gives its position. */
export type LexicalFits = Readonly<{
  index: PositionIndex;
  /** 0 to 1, where 1 would be a memory that says nothing but these words without end. */
  scores: Float64Array;
  /** A block that each is in, by its place in `blocks`. */
  blockOf: Int32Array;
  blocks: readonly PostingBlock[];
}>;

export type SearchedTotals = Readonly<{ memories: number; terms: number }>;

export function bm25(
  query: readonly TermPostings[],
  totals: SearchedTotals,
  { k1, b }: Readonly<{ k1: number; b: number }>,
): LexicalFits {
  const blocks = query.flatMap((term) => term.blocks);
  const most = blocks.reduce((sum, { postings }) => sum + postings.length, 0);
  const index = createPositionIndex(most);
  const scores = new Float64Array(most);
  const blockOf = new Int32Array(most);
  const perLength = (k1 * b * Math.max(1, totals.memories)) / Math.max(1, totals.terms);
  let greatest = 0;
  let block = 0;
  for (const { memories, blocks: ofTerm } of query) {
    const gain = rarity(memories, totals.memories) * (k1 + 1);
    greatest += gain;
    for (const { first, postings } of ofTerm) {
      for (const posting of postings) {
        const times = (posting >> 14) & 31;
        const length = posting & 16_383;
        const id = index.add(first + (posting >>> 19));
        scores[id]! += (gain * times) / (times + k1 * (1 - b) + perLength * length);
        blockOf[id] = block;
      }
      block += 1;
    }
  }
  if (greatest > 0) for (let id = 0; id < index.size(); id += 1) scores[id]! /= greatest;
  return { index, scores, blockOf, blocks };
}

/** The rarer a term, the more it tells; one that no memory says tells nothing. */
export function rarity(memories: number, of: number): number {
  return memories === 0 ? 0 : Math.log(1 + Math.max(0, of - memories + 0.5) / (memories + 0.5));
}
