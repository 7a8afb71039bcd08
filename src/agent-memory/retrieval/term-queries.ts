import { sql } from "kysely";
import type { Database } from "../../store/database.ts";
import type { PostingBlock, SearchedTotals, TermPostings } from "./bm25.ts";
import { readInt4Array } from "./read-array.ts";
import { overBoth, type SearchedPlace } from "./searched-place.ts";

/** How much there is to search. */
export async function findTotals(db: Database, place: SearchedPlace): Promise<SearchedTotals> {
  const totals = overBoth(
    place,
    "t",
    (where) => sql`SELECT t.memories, t.terms FROM duetmind.memory_term_totals t WHERE ${where}`,
  );
  const { rows } = await sql<SearchedTotals>`SELECT
      coalesce(sum(memories), 0)::double precision AS memories,
      coalesce(sum(terms), 0)::double precision AS terms
    FROM (${totals}) AS t`.execute(db);
  return rows[0]!;
}

type PostingRow = Readonly<{
  term: number;
  memories: number;
  agent: string;
  session_id: string;
  block: string;
  postings: Buffer | null;
}>;

/**
 * The postings of terms, at most `budget` of them: those of the rarest terms, and always those of the
 * very rarest. Of the others only is told how many memories say them.
 */
export async function findPostings(
  db: Database,
  place: SearchedPlace,
  terms: readonly number[],
  budget: number,
): Promise<TermPostings[]> {
  if (terms.length === 0) return [];
  const found = overBoth(
    place,
    "t",
    (where) => sql`SELECT t.term, t.agent, t.session_id, t.block, t.postings
      FROM duetmind.memory_terms t
      WHERE ${where} AND t.term = ANY (${terms}::integer[])`,
  );
  // arrays in their binary form: thousands of numbers are read faster than as text
  const { rows } = await sql<PostingRow>`SELECT term, memories::double precision, agent, session_id,
      block::text,
      CASE WHEN before < ${budget} THEN array_send(postings) END AS postings
    FROM (
      SELECT *, sum(cardinality(postings)) OVER (ORDER BY memories, term
        RANGE UNBOUNDED PRECEDING) - memories AS before
      FROM (
        SELECT *, sum(cardinality(postings)) OVER (PARTITION BY term) AS memories
        FROM (${found}) AS f
      ) AS counted
    ) AS ordered
    ORDER BY term, agent, session_id, block`.execute(db);
  const byTerm = new Map<number, { memories: number; blocks: PostingBlock[] }>();
  for (const { term, memories, agent, session_id, block, postings } of rows) {
    const known = byTerm.get(term) ?? { memories, blocks: [] };
    byTerm.set(term, known);
    if (postings === null) continue;
    const first = Number(block) * 1_024;
    known.blocks.push({ agent, sessionId: session_id, first, postings: readInt4Array(postings) });
  }
  return terms.map((term) => ({ term, memories: 0, ...byTerm.get(term) }));
}
