import { z } from "zod";

const weight = z.number().min(0).max(10);

/** params.yaml: `memory.retrieval`: how memories are ranked (docs/memory.md has the formula). */
export const retrievalParams = z.strictObject({
  /** What each part of a score counts; only how they stand to each other matters. */
  weights: z
    .strictObject({
      semantic: weight.default(0.6),
      lexical: weight.default(1),
      association: weight.default(1.7),
      importance: weight.default(0.05),
      recency: weight.default(0.03),
      /** Of recency, where the query names a time: "what happened in May 2025?". */
      period: weight.default(0.2),
    })
    .prefault({}),
  /** BM25: how soon repeats of a word stop counting, and how much the length of a text does. */
  k1: z.number().min(0).max(10).default(1),
  b: z.number().min(0).max(1).default(0.5),
  /** Where no more memories than this are searched, each one is compared. */
  exact_up_to: z.int().min(0).max(1_000_000).default(5_000),
  /** Candidates by vector, and by words, where more are searched; twice as many, and so on, for more hits. */
  candidates: z.int().min(10).max(1_000).default(64),
  /** Postings that a search reads at most, those of the rarest words first. */
  postings: z.int().min(100).max(10_000_000).default(10_000),
  /** From so many vectors on, upkeep makes an approximate index of them. */
  index_from: z.int().min(1).max(100_000_000).default(20_000),
  /** How many candidates an approximate index looks at: with 64 some indexes miss the whole group of a query. */
  ef_search: z.int().min(10).max(1_000).default(100),
});

export type RetrievalParams = Readonly<z.infer<typeof retrievalParams>>;
