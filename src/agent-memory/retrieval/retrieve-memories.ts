import type { Lane } from "../../store/travel-together.ts";
import type { Memory, MemoryIdentity } from "../memory.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { contentOf } from "../memory-row.ts";
import { assertSession } from "../read-memories.ts";
import { inSession, withinTogether } from "../within.ts";
import {
  type CandidateRow,
  findCandidateRows,
  findLinks,
  findRowsById,
} from "./candidate-row-queries.ts";
import {
  askFirst,
  type CandidateSearch,
  type FirstAsked,
  findCandidates,
} from "./find-candidates.ts";
import { vectorType } from "./index-vectors.ts";
import { isNarrow, type MemoryFilter } from "./memory-filter.ts";
import { namedPeriod } from "./named-period.ts";
import { indexSettings } from "./nearest-queries.ts";
import { type ParsedQuery, parseMemoryQuery } from "./parse-query.ts";
import type { PlaceSizes } from "./place-sizes.ts";
import type { Candidate, RankedCandidates } from "./rank-candidates.ts";
import { type Asked, type Found, type RankedMemory, rankScored, scoreRow } from "./rank-rows.ts";
import { countShown, type Reading, readHits } from "./read-hits.ts";
import type { ShownMemories } from "./shown-memories.ts";
import { queryWords } from "./text-cues.ts";
import { termCodes, textTerms } from "./text-terms.ts";
import { withinBudget } from "./token-budget.ts";

export function createRetrieval(
  parts: MemoryParts,
  identity: MemoryIdentity,
  { sizes, shown }: Readonly<{ sizes: PlaceSizes; shown: ShownMemories }>,
): Pick<Memory, "retrieveMemories"> {
  const { clock } = parts.effects;
  return {
    async retrieveMemories(input) {
      const query = parseMemoryQuery(input);
      // before the transaction, which other clients of the embedded database wait for
      const vector = await parts.embedder.embedQuery(query.query);
      const now = clock.now();
      const { sessionId } = query;
      const asking = {
        ...inSession(identity, sessionId),
        at: query.includeExpired ? null : now,
        settings: searchSettings(parts, query),
      };
      const retrieval = {
        parts,
        identity,
        query,
        now,
        ...planSearch(parts, identity, query, vector, now),
      };
      const { place } = retrieval.search;
      const hits = await withinTogether(parts.database, asking, {
        first: (db) => askFirst(db, retrieval.search, parts.params.retrieval, sizes.heldFew(place)),
        async run(db, asked, commit) {
          const { ranked, found, heldFew } = await search(db, retrieval, asked);
          sizes.remember(place, heldFew);
          const fit = withinBudget(ranked, query.maxTokens);
          const count = await countShown(db, query.countShown, fit, found);
          const best = fit.slice(0, count);
          // most answers have a memory of the session, which tells that it is there
          if (sessionId !== undefined && !best.some(({ id }) => isOwn(found.get(id), sessionId))) {
            await assertSession(db, sessionId);
          }
          return readHits(db, retrieval, best, found, commit);
        },
      });
      await shown.note({ identity, sessionId, at: now, isAccess: query.touch, memories: hits });
      return hits;

      function isOwn(memory: Found | undefined, session: string): boolean {
        const isOfAgent = identity.reach === "tenant" || memory?.row.agent === identity.agent;
        return memory?.row.session_id === session && isOfAgent;
      }
    },
  };
}

type Retrieval = Reading & Readonly<{ now: Date; filter: MemoryFilter; search: CandidateSearch }>;

function planSearch(
  { database, embedder, privacy }: MemoryParts,
  identity: MemoryIdentity,
  query: ParsedQuery,
  vector: Float32Array,
  now: Date,
): Pick<Retrieval, "filter" | "search"> {
  const filter: MemoryFilter = { ...query, asOf: query.asOf ?? now };
  const codes = textTerms(query.query).flatMap((term) => termCodes(term, privacy.seal));
  const type = vectorType(database);
  return {
    filter,
    search: {
      place: { identity, sessionId: query.sessionId },
      query: { fingerprint: embedder.fingerprint, vector, type },
      terms: [...new Set(codes)],
      filter: isNarrow(filter) ? filter : undefined,
      limit: query.limit,
    },
  };
}

/**
 * A plan that is kept costs nothing again. Left to itself PostgreSQL makes some of these each time, for it
 * estimates less for the few words of a query than for any number; that takes longer than the search. What
 * has a filter is not kept.
 */
function searchSettings(
  { database, params }: MemoryParts,
  query: ParsedQuery,
): Readonly<Record<string, string>> {
  const isKept = database.kind === "postgresql" && !isNarrow(query);
  const settings = indexSettings(params.retrieval, query.limit, vectorType(database));
  return isKept ? { ...settings, plan_cache_mode: "force_generic_plan" } : settings;
}

/** The best `limit`, or fewer where there are no more, and what was read of memories. */
async function search(
  db: Lane,
  { parts, query, now, filter, search: searched }: Retrieval,
  asked: FirstAsked,
): Promise<{ ranked: RankedMemory[]; found: ReadonlyMap<string, Found>; heldFew: boolean }> {
  const { params } = parts;
  const { candidates, heldFew } = await findCandidates(db, searched, params.retrieval, asked);
  const rows = await readRows(db, parts, candidates, filter, query.limit);
  const found = new Map(rows.map((each) => [each.row.id, each]));
  const about: Asked = {
    words: queryWords(query.query),
    period: namedPeriod(query.query, now),
    now,
  };
  const scored = rows.map((each) => scoreRow(each, about, params));
  const best = rankScored(scored, [], about, params).slice(0, 2 * query.limit);
  const links = await findLinks(
    db,
    best.flatMap(({ id }) => (found.get(id)!.row.is_associated ? [id] : [])),
  );
  if (links.length === 0) return { ranked: best.slice(0, query.limit), found, heldFew };
  if (query.withNeighbours) {
    const others = links.flatMap(({ from_id, to_id }) => [from_id, to_id]);
    const more = [...new Set(others)].filter((id) => !found.has(id)).sort();
    for (const row of await findRowsById(db, more, filter)) {
      const each = toFound(row, undefined, parts);
      found.set(row.id, each);
      scored.push(scoreRow(each, about, params));
    }
  }
  return { ranked: rankScored(scored, links, about, params).slice(0, query.limit), found, heldFew };
}

/**
 * Rows of the best candidates: several times as many as are asked for, because what a row adds moves
 * them. What the filter does not let pass makes room for the next.
 */
async function readRows(
  db: Lane,
  parts: MemoryParts,
  candidates: RankedCandidates,
  filter: MemoryFilter,
  limit: number,
): Promise<Found[]> {
  const wanted = Math.max(LEAST_ROWS, ROWS_PER_HIT * limit);
  const found: Found[] = [];
  for (let at = 0, size = wanted; found.length < wanted; size *= 2) {
    const page = candidates(at + size).slice(at);
    if (page.length === 0) break;
    const byPosition = new Map(page.map((candidate) => [candidate.position, candidate]));
    for (const row of await findCandidateRows(db, page, filter)) {
      found.push(toFound(row, byPosition.get(row.position), parts));
    }
    at += size;
  }
  return found;
}

function toFound(row: CandidateRow, candidate: Candidate | undefined, parts: MemoryParts): Found {
  return { row, text: contentOf(row, parts.privacy), candidate };
}

const LEAST_ROWS = 40;
const ROWS_PER_HIT = 4;
