/**
 * BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009) over postings as the index
 * has them (infra/migrations/0006-memory-terms.up.sql).
 */
export type TermPostings = Readonly<{
  term: number;
  /** Memories that say it. */
  memories: number;
  /** Where they are read: undefined for a term that too many memories say. */
  blocks?: readonly PostingBlock[];
}>;

/** Of one session; `first` is the position that offsets count from. */
export type PostingBlock = Readonly<{
  agent: string;
  sessionId: string;
  first: number;
  postings: Int32Array;
}>;

export type LexicalFit = { score: number; readonly block: PostingBlock };

export type SearchedTotals = Readonly<{ memories: number; terms: number }>;

/**
 * How well each memory fits the words of a query, by position: 0 to 1, where 1 would be a memory that
 * says nothing but these words without end.
 */
export function bm25(
  query: readonly TermPostings[],
  totals: SearchedTotals,
  { k1, b }: Readonly<{ k1: number; b: number }>,
): ReadonlyMap<number, Readonly<LexicalFit>> {
  const fits = new Map<number, LexicalFit>();
  const average = totals.terms / Math.max(1, totals.memories);
  let most = 0;
  for (const { memories, blocks = [] } of query) {
    const weight = rarity(memories, totals.memories);
    most += weight * (k1 + 1);
    for (const block of blocks) {
      for (const posting of block.postings) {
        const times = (posting >> 15) & 63;
        const length = posting & 32_767;
        const damping = k1 * (1 - b + (b * length) / average);
        const position = block.first + (posting >> 21);
        const gain = (weight * times * (k1 + 1)) / (times + damping);
        const fit = fits.get(position);
        if (fit === undefined) fits.set(position, { score: gain, block });
        else fit.score += gain;
      }
    }
  }
  if (most > 0) for (const fit of fits.values()) fit.score /= most;
  return fits;
}

/** The rarer a term, the more it tells; one that no memory says tells nothing. */
export function rarity(memories: number, of: number): number {
  return memories === 0 ? 0 : Math.log(1 + Math.max(0, of - memories + 0.5) / (memories + 0.5));
}
