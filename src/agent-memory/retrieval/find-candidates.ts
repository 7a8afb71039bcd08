import { setImmediate } from "node:timers/promises";
import type { Database } from "../../store/database.ts";
import { bm25, type LexicalFits } from "./bm25.ts";
import { greatest } from "./greatest.ts";
import type { MemoryFilter } from "./memory-filter.ts";
import type { RetrievalParams } from "./params.ts";
import { type RankedCandidates, rankCandidates } from "./rank-candidates.ts";
import { NEIGHBOUR_SHARES } from "./score-memories.ts";
import type { SearchedPlace } from "./searched-place.ts";
import { findTerms } from "./term-queries.ts";
import {
  candidatesFor,
  findAllCosines,
  findBeside,
  findNearest,
  type QueryVector,
} from "./vector-queries.ts";

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

/**
 * What may be a hit, the best first. Where few memories are searched each is compared; among many,
 * those that are near by vector or say the words of the query, and those beside them.
 */
export async function findCandidates(
  db: Database,
  search: CandidateSearch,
  params: RetrievalParams,
): Promise<RankedCandidates> {
  const { place, query, terms, filter, limit } = search;
  const { weights } = params;
  const most = candidatesFor(limit, params);
  const { totals, postings } = await findTerms(db, place, terms, params.postings);
  // the statement goes out first: words are weighed while the database compares
  const weighed = setImmediate().then(() => bm25(postings, totals, params));
  if (query !== undefined && totals.memories <= params.exact_up_to) {
    const [runs, lexical] = await Promise.all([findAllCosines(db, place, query), weighed]);
    return rankCandidates(runs, lexical, [...Array(lexical.index.size()).keys()], weights);
  }
  if (query === undefined) {
    const lexical = await weighed;
    return rankCandidates([], lexical, best(lexical, most), weights);
  }
  const nearest = findNearest(db, place, query, filter, most);
  const [near, lexical] = await Promise.all([nearest, weighed]);
  const singles = near.map(({ agent, sessionId, position, cosine }) => ({
    ...{ agent, sessionId },
    positions: Float64Array.of(position),
    cosines: Float32Array.of(cosine),
  }));
  const spoken = best(lexical, most);
  const first = rankCandidates(singles, lexical, spoken, weights)(WITH_NEIGHBOURS);
  const beside = await findBeside(db, place, query, first, NEIGHBOUR_SHARES.length);
  return rankCandidates([...beside, ...singles], lexical, spoken, weights);
}

/** How many candidates bring those beside them. */
const WITH_NEIGHBOURS = 20;

/** The numbers of those that fit best by words alone. */
function best({ index, scores }: LexicalFits, count: number): number[] {
  return greatest(scores, index.size(), count, index.positionOf);
}
