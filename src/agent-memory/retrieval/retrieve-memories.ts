import { digestBytes } from "../../core/hash.ts";
import type { Database } from "../../store/database.ts";
import type { Memory, MemoryHit, MemoryIdentity } from "../memory.ts";
import { auditMemories } from "../memory-audit.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { contentOf, type MemoryRow, toMemoryRecord } from "../memory-row.ts";
import { rememberRecalled } from "../privacy/recall-guard.ts";
import { assertSession } from "../read-memories.ts";
import { findMemories } from "../read-memory-queries.ts";
import { inSession, within } from "../within.ts";
import {
  type CandidateRow,
  findCandidateRows,
  findLinks,
  findRowsById,
  touchMemories,
} from "./candidate-row-queries.ts";
import { findCandidates } from "./find-candidates.ts";
import { indexType } from "./index-vectors.ts";
import { isNarrow, type MemoryFilter } from "./memory-filter.ts";
import { namedPeriod } from "./named-period.ts";
import { type ParsedQuery, parseMemoryQuery } from "./parse-query.ts";
import type { Candidate } from "./rank-candidates.ts";
import { type Asked, type Found, type RankedMemory, rankRows } from "./rank-rows.ts";
import { termCodes, textTerms } from "./text-terms.ts";
import { withinBudget } from "./token-budget.ts";

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
      const asking = { ...inSession(identity, sessionId), at: query.includeExpired ? null : now };
      return within(parts.database, asking, async (db) => {
        if (sessionId !== undefined) await assertSession(db, sessionId);
        const ranked = await search(db, parts, identity, query, vector, now);
        const hits = await toHits(db, parts, ranked, query);
        await rememberRecalled(db, parts, identity, sessionId, hits);
        const ids = hits.map(({ id }) => id);
        if (query.touch && ids.length > 0) await touchMemories(db, ids, now);
        const details = { query: digestBytes(query.query), session: sessionId ?? null };
        await auditMemories(db, identity, { action: "memory.retrieve", ids, details }, clock);
        return hits;
      });
    },
  };
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
    },
    params.retrieval,
  );
  const found = await readRows(db, parts, identity.tenant, candidates, filter, query.limit);
  const asked: Asked = { query: query.query, period: namedPeriod(query.query, now), now };
  const best = rankRows(found, [], asked, params).slice(0, 2 * query.limit);
  const links = await findLinks(
    db,
    best.map(({ id }) => id),
  );
  if (query.withNeighbours) {
    const here = new Set(found.map(({ row }) => row.id));
    const others = links.flatMap(({ from_id, to_id }) => [from_id, to_id]);
    const more = [...new Set(others)].filter((id) => !here.has(id)).sort();
    const rows = await findRowsById(db, more, filter);
    found.push(...rows.map((row) => toFound(row, undefined, parts)));
  }
  return rankRows(found, links, asked, params).slice(0, query.limit);
}

/**
 * Rows of the best candidates: several times as many as are asked for, because what a row adds moves
 * them. What the filter does not let pass makes room for the next.
 */
async function readRows(
  db: Database,
  parts: MemoryParts,
  tenant: string,
  candidates: readonly Candidate[],
  filter: MemoryFilter,
  limit: number,
): Promise<Found[]> {
  const wanted = Math.max(LEAST_ROWS, ROWS_PER_HIT * limit);
  const found: Found[] = [];
  for (let at = 0, size = wanted; at < candidates.length && found.length < wanted; size *= 2) {
    const page = candidates.slice(at, at + size);
    const byPosition = new Map(page.map((candidate) => [candidate.position, candidate]));
    for (const row of await findCandidateRows(db, tenant, page, filter)) {
      found.push(toFound(row, byPosition.get(Number(row.position)), parts));
    }
    at += size;
  }
  return found;
}

function toFound(row: CandidateRow, candidate: Candidate | undefined, parts: MemoryParts): Found {
  return { row, text: contentOf(row, parts.privacy), candidate };
}

const LEAST_ROWS = 100;
const ROWS_PER_HIT = 5;

async function toHits(
  db: Database,
  { privacy }: MemoryParts,
  ranked: readonly RankedMemory[],
  { maxTokens }: ParsedQuery,
): Promise<MemoryHit[]> {
  const rows = await findMemories(
    db,
    ranked.map(({ id }) => id),
  );
  const byId = new Map<string, MemoryRow>(rows.map((row) => [row.id, row]));
  const hits = ranked.flatMap(({ id, score, parts }, i) => {
    const row = byId.get(id);
    return row === undefined
      ? []
      : [{ ...toMemoryRecord(row, privacy), rank: i + 1, score, parts }];
  });
  return withinBudget(hits, maxTokens);
}
