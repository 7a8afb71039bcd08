import { setImmediate } from "node:timers/promises";
import type { Lane } from "../../store/travel-together.ts";
import { bm25, type LexicalFits } from "./bm25.ts";
import { greatest } from "./greatest.ts";
import type { MemoryFilter } from "./memory-filter.ts";
import { candidatesFor, findNearest } from "./nearest-queries.ts";
import type { RetrievalParams } from "./params.ts";
import { type RankedCandidates, rankCandidates } from "./rank-candidates.ts";
import { NEIGHBOUR_SHARES } from "./score-memories.ts";
import type { SearchedPlace } from "./searched-place.ts";
import { findTerms } from "./term-queries.ts";
import { findAllCosines, findBeside, type QueryVector } from "./vector-queries.ts";

export type CandidateSearch = Readonly<{
  place: SearchedPlace;
  /** Undefined where there are no vectors to compare with: then words decide. */
  query: QueryVector | undefined;
  terms: readonly number[];
  /** Has a part in the search itself where it may leave out most of what there is. */
  filter: MemoryFilter | undefined;
  /** How many hits are asked for. */
  limit: number;
}>;

/** What was asked before anything was answered. */
export type FirstAsked = Readonly<{
  terms: ReturnType<typeof findTerms>;
  all: ReturnType<typeof findAllCosines> | undefined;
  nearest: ReturnType<typeof findNearest> | undefined;
}>;

/**
 * Asks for words and, at once with them, for what will be compared if the place holds as many memories as
 * it did the last time; what was not guessed is asked for later.
 */
export function askFirst(
  db: Lane,
  search: CandidateSearch,
  params: RetrievalParams,
  heldFew: boolean | undefined,
): FirstAsked {
  const { place, query, terms } = search;
  const few = query !== undefined && heldFew === true ? query : undefined;
  const many = query !== undefined && heldFew === false ? query : undefined;
  return {
    terms: findTerms(db, place, terms, params.postings),
    all: few && findAllCosines(db, place, few),
    nearest: many && findNearestOf(db, search, many, params),
  };
}

function findNearestOf(
  db: Lane,
  { place, filter, limit }: CandidateSearch,
  query: QueryVector,
  params: RetrievalParams,
) {
  return findNearest(db, place, query, filter, candidatesFor(limit, params));
}

/** What may be a hit, the best first, and whether there were few memories to search. */
export type FoundCandidates = Readonly<{ candidates: RankedCandidates; heldFew: boolean }>;

/**
 * Where few memories are searched each is compared; among many, those that are near by vector or say
 * the words of the query, and those beside them.
 */
export async function findCandidates(
  db: Lane,
  search: CandidateSearch,
  params: RetrievalParams,
  asked: FirstAsked,
): Promise<FoundCandidates> {
  const { place, query, limit } = search;
  const { weights } = params;
  const most = candidatesFor(limit, params);
  const { totals, postings } = await asked.terms;
  const heldFew = totals.memories <= params.exact_up_to;
  if (query !== undefined && heldFew) {
    const all = asked.all ?? findAllCosines(db, place, query);
    const [runs, lexical] = await Promise.all([all, weighed()]);
    const each = Array.from({ length: lexical.index.size() }, (_, at) => at);
    return { candidates: rankCandidates({ runs, near: [] }, lexical, each, weights), heldFew };
  }
  if (query === undefined) {
    const lexical = await weighed();
    const spoken = best(lexical, most);
    return { candidates: rankCandidates(NOTHING, lexical, spoken, weights), heldFew };
  }
  const nearest = asked.nearest ?? findNearestOf(db, search, query, params);
  const [near, lexical] = await Promise.all([nearest, weighed()]);
  const spoken = best(lexical, most);
  const first = rankCandidates({ runs: [], near }, lexical, spoken, weights)(WITH_NEIGHBOURS);
  const runs = await findBeside(db, query, first, NEIGHBOUR_SHARES.length);
  return { candidates: rankCandidates({ runs, near }, lexical, spoken, weights), heldFew };

  /** The statement goes out first: words are weighed while the database compares. */
  function weighed(): Promise<LexicalFits> {
    return setImmediate().then(() => bm25(postings, totals, params));
  }
}

const NOTHING = { runs: [], near: [] };

/** How many candidates bring those beside them. */
const WITH_NEIGHBOURS = 20;

/** The numbers of those that fit best by words alone. */
function best({ index, scores }: LexicalFits, count: number): number[] {
  return greatest(scores, index.size(), count, index.positionOf);
}
