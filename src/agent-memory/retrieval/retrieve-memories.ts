import { sql } from "kysely";
import { auditInsert } from "../../audit/append-audit.ts";
import { digestBytes } from "../../core/hash.ts";
import type { Database } from "../../store/database.ts";
import type { Memory, MemoryHit, MemoryIdentity } from "../memory.ts";
import { memoryAudit } from "../memory-audit.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { contentOf, type MemoryRow, toMemoryRecord } from "../memory-row.ts";
import { rememberRecalled } from "../privacy/recall-guard.ts";
import { assertSession } from "../read-memories.ts";
import { inSession, within } from "../within.ts";
import {
  type CandidateRow,
  findCandidateRows,
  findHitRows,
  findLinks,
  findRowsById,
} from "./candidate-row-queries.ts";
import { findCandidates } from "./find-candidates.ts";
import { indexType } from "./index-vectors.ts";
import { isNarrow, type MemoryFilter } from "./memory-filter.ts";
import { namedPeriod } from "./named-period.ts";
import { type ParsedQuery, parseMemoryQuery } from "./parse-query.ts";
import type { Candidate, RankedCandidates } from "./rank-candidates.ts";
import { type Asked, type Found, type RankedMemory, rankScored, scoreRow } from "./rank-rows.ts";
import { termCodes, textTerms } from "./text-terms.ts";
import { withinBudget } from "./token-budget.ts";
import { indexSettings } from "./vector-queries.ts";

export function createRetrieval(
  parts: MemoryParts,
  identity: MemoryIdentity,
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
      return within(parts.database, asking, async (db) => {
        const ranked = await search(db, parts, identity, query, vector, now);
        const shown = withinBudget(ranked, query.maxTokens);
        const hits = await toHits(db, parts, identity, shown, query, now);
        // most answers have a memory of the session, which tells that it is there
        if (sessionId !== undefined && !hits.some((hit) => isOwnOf(sessionId, hit, identity))) {
          await assertSession(db, sessionId);
        }
        await rememberRecalled(db, parts, identity, sessionId, hits);
        return hits;
      });
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
  const settings = indexSettings(params.retrieval, query.limit);
  return isKept ? { ...settings, plan_cache_mode: "force_generic_plan" } : settings;
}

function isOwnOf(sessionId: string, hit: MemoryHit, { agent, reach }: MemoryIdentity): boolean {
  return hit.sessionId === sessionId && (reach === "tenant" || hit.agent === agent);
}

/** The best `limit`, or fewer where there are no more. */
async function search(
  db: Database,
  parts: MemoryParts,
  identity: MemoryIdentity,
  query: ParsedQuery,
  vector: Float32Array,
  now: Date,
): Promise<RankedMemory[]> {
  const { database, embedder, params, privacy } = parts;
  const filter: MemoryFilter = { ...query, asOf: query.asOf ?? now };
  const place = { identity, sessionId: query.sessionId };
  const type = indexType(database);
  const candidates = await findCandidates(
    db,
    {
      place,
      query: { fingerprint: embedder.fingerprint, vector, type },
      terms: [...new Set(textTerms(query.query).flatMap((term) => termCodes(term, privacy.seal)))],
      filter: isNarrow(filter) ? filter : undefined,
      limit: query.limit,
    },
    params.retrieval,
  );
  const found = await readRows(db, parts, identity.tenant, candidates, filter, query.limit);
  const asked: Asked = { query: query.query, period: namedPeriod(query.query, now), now };
  const scored = found.map((each) => scoreRow(each, asked, params));
  const best = rankScored(scored, [], asked, params).slice(0, 2 * query.limit);
  const links = await findLinks(
    db,
    best.map(({ id }) => id),
  );
  if (links.length === 0) return best.slice(0, query.limit);
  if (query.withNeighbours) {
    const here = new Set(scored.map(({ id }) => id));
    const others = links.flatMap(({ from_id, to_id }) => [from_id, to_id]);
    const more = [...new Set(others)].filter((id) => !here.has(id)).sort();
    const rows = await findRowsById(db, more, filter);
    scored.push(...rows.map((row) => scoreRow(toFound(row, undefined, parts), asked, params)));
  }
  return rankScored(scored, links, asked, params).slice(0, query.limit);
}

/**
 * Rows of the best candidates: several times as many as are asked for, because what a row adds moves
 * them. What the filter does not let pass makes room for the next.
 */
async function readRows(
  db: Database,
  parts: MemoryParts,
  tenant: string,
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
    for (const row of await findCandidateRows(db, tenant, page, filter)) {
      found.push(toFound(row, byPosition.get(row.position), parts));
    }
    at += size;
  }
  return found;
}

function toFound(row: CandidateRow, candidate: Candidate | undefined, parts: MemoryParts): Found {
  return { row, text: contentOf(row, parts.privacy), candidate };
}

const LEAST_ROWS = 60;
const ROWS_PER_HIT = 5;

async function toHits(
  db: Database,
  { privacy, effects: { clock } }: MemoryParts,
  identity: MemoryIdentity,
  ranked: readonly RankedMemory[],
  { query, sessionId, touch }: ParsedQuery,
  now: Date,
): Promise<MemoryHit[]> {
  const ids = ranked.map(({ id }) => id);
  const details = { query: digestBytes(query), session: sessionId ?? null };
  const deed = memoryAudit(identity, { action: "memory.retrieve", ids, details });
  const audit = auditInsert(deed, sql`(VALUES (1)) AS once`, clock);
  const rows = await findHitRows(db, ids, audit, touch ? now : undefined);
  const byId = new Map<string, MemoryRow>(rows.map((row) => [row.id, row]));
  return ranked.flatMap(({ id, score, parts }, i) => {
    const row = byId.get(id);
    return row === undefined
      ? []
      : [{ ...toMemoryRecord(row, privacy), rank: i + 1, score, parts }];
  });
}
