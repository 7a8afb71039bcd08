import { sql } from "kysely";
import type { Lane } from "../../store/travel-together.ts";
import type { PostingBlock, SearchedTotals, TermPostings } from "./bm25.ts";
import { readPacked } from "./packed-numbers.ts";
import { overBoth, placeStatement, type SearchedPlace } from "./searched-place.ts";

/** What words are searched in: how much there is, and where the words of the query are. */
export type SearchedTerms = Readonly<{ totals: SearchedTotals; postings: TermPostings[] }>;

type TermRow = SearchedTotals &
  Readonly<{
    /** Null where no memory says any of the terms. */
    term: number | null;
    said_by: number;
    /** Of each block the key of its session, its number and, in bytes, how long its postings are: 4 bytes each. */
    blocks: Buffer | null;
    /** Null for a term that too many say. */
    postings: Buffer | null;
  }>;

/**
 * How much there is to search, and the postings of terms: at most `budget` of them, those of the rarest
 * terms, and always those of the very rarest. Of the others only is told how many memories say them.
 */
export async function findTerms(
  db: Lane,
  place: SearchedPlace,
  terms: readonly number[],
  budget: number,
): Promise<SearchedTerms> {
  const rows = await readTerms(db, place, undefined, { terms, budget });
  const { memories, terms: said } = rows[0]!;
  const byTerm = new Map(rows.map((row) => [row.term, row]));
  const postings = terms.map((term): TermPostings => {
    const row = byTerm.get(term);
    return { term, memories: row?.said_by ?? 0, blocks: row === undefined ? [] : blocksOf(row) };
  });
  return { totals: { memories, terms: said }, postings };
}

type TermValues = { terms: readonly number[]; budget: number };

// a row for each term: hundreds of rows, one for each of its blocks, take longer to read
const readTerms = placeStatement<undefined, TermValues, TermRow>((place, { terms, budget }) => {
  const totals = overBoth(
    place,
    "t",
    (where) => sql`SELECT t.memories, t.terms FROM duetmind.memory_term_totals t WHERE ${where}`,
  );
  const found = overBoth(
    place,
    "t",
    (
      where,
    ) => sql`SELECT t.term, duetmind.session_key(t.tenant, t.agent, t.session_id) AS session_key, t.block, t.postings
      FROM duetmind.memory_terms t
      WHERE ${where} AND t.term = ANY (${terms}::integer[])`,
  );
  return sql<TermRow>`WITH found AS MATERIALIZED (${found}),
    said AS (SELECT term, sum(octet_length(postings) / 4) AS by FROM found GROUP BY term),
    read AS (
      SELECT term, by, sum(by) OVER w <= ${budget} OR row_number() OVER w = 1 AS is_read
      FROM said WINDOW w AS (ORDER BY by, term)
    )
    SELECT s.memories, s.terms, w.*
    FROM (
      SELECT coalesce(sum(memories), 0)::double precision AS memories,
        coalesce(sum(terms), 0)::double precision AS terms
      FROM (${totals}) AS t
    ) AS s
    LEFT JOIN (
      SELECT r.term, r.by::double precision AS said_by,
        string_agg(int8send(f.session_key) || int8send(f.block) || int4send(octet_length(f.postings)), ''::bytea) AS blocks,
        string_agg(f.postings, ''::bytea) AS postings
      FROM read r LEFT JOIN found f ON f.term = r.term AND r.is_read
      GROUP BY r.term, r.by
    ) AS w ON true`;
});

const BLOCK = 8_192;

function blocksOf({ blocks, postings }: TermRow): PostingBlock[] {
  if (postings === null || blocks === null) return [];
  const numbers = readPacked(postings).ints;
  const { ints, int8 } = readPacked(blocks);
  const found: PostingBlock[] = [];
  let end = 0;
  for (let at = 0; at < ints.length; at += 5) {
    const start = end;
    end += ints[at + 4]! / 4;
    const first = int8(at + 2) * BLOCK;
    found.push({ sessionKey: int8(at), first, postings: numbers.subarray(start, end) });
  }
  return found;
}
