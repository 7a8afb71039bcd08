import type { Database } from "../../store/database.ts";
import { bm25, type LexicalFit } from "./bm25.ts";
import type { MemoryFilter } from "./memory-filter.ts";
import type { RetrievalParams } from "./params.ts";
import { type Candidate, rankCandidates } from "./rank-candidates.ts";
import { NEIGHBOUR_SHARES } from "./score-memories.ts";
import type { SearchedPlace } from "./searched-place.ts";
import { findPostings, findTotals } from "./term-queries.ts";
import {
  findAllCosines,
  findBeside,
  findNearest,
  type QueryVector,
  type SessionCosines,
} from "./vector-queries.ts";

export type CandidateSearch = Readonly<{
  place: SearchedPlace;
  /** Undefined where there are no vectors to compare with: then words decide. */
  query: QueryVector | undefined;
  terms: readonly number[];
  /** Has a part in the search itself where it may leave out most of what there is. */
  filter: MemoryFilter | undefined;
}>;

/**
 * What may be a hit, the best first. Where few memories are searched each is compared; among many,
 * those that are near by vector or say the words of the query, and those beside them.
 */
export async function findCandidates(
  db: Database,
  search: CandidateSearch,
  params: RetrievalParams,
): Promise<Candidate[]> {
  const { place, query, terms, filter } = search;
  const totals = await findTotals(db, place);
  const lexical = bm25(await findPostings(db, place, terms, params.postings), totals, params);
  if (query === undefined) return rankCandidates([], best(lexical, params), params.weights);
  if (totals.memories <= params.exact_up_to) {
    const runs = await findAllCosines(db, place, query);
    return rankCandidates(runs, lexical, params.weights);
  }
  const most = params.candidates;
  const nearest = await findNearest(db, place, query, filter, most, params.ef_search);
  const singles: SessionCosines[] = nearest.map(({ agent, sessionId, position, cosine }) => ({
    ...{ agent, sessionId },
    positions: Float64Array.of(position),
    cosines: Float32Array.of(cosine),
  }));
  const first = rankCandidates(singles, best(lexical, params), params.weights);
  const steps = NEIGHBOUR_SHARES.length;
  const beside = await findBeside(db, place, query, first.slice(0, WITH_NEIGHBOURS), steps);
  return rankCandidates([...beside, ...singles], best(lexical, params, beside), params.weights);
}

/** How many candidates bring those beside them. */
const WITH_NEIGHBOURS = 40;

/** The best by words alone, and what is known of those that are here anyway. */
function best(
  lexical: ReadonlyMap<number, Readonly<LexicalFit>>,
  { candidates }: RetrievalParams,
  runs: readonly SessionCosines[] = [],
): ReadonlyMap<number, Readonly<LexicalFit>> {
  const order = [...lexical].sort((a, b) => b[1].score - a[1].score || a[0] - b[0]);
  const chosen = new Map(order.slice(0, candidates));
  for (const { positions } of runs) {
    for (const position of positions) {
      const fit = lexical.get(position);
      if (fit !== undefined) chosen.set(position, fit);
    }
  }
  return chosen;
}
