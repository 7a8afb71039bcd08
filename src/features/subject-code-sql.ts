import { id, type Sql, sql } from "../table/sql.ts";

/**
 * Stands beside the split of a row where a subject is declared: which rows belong together. 0 is the
 * subject of the first row, 1 the next subject that appears, and so on without a gap. A code does not
 * say who the subject is, so evaluation can keep the rows of one patient together without an identifier.
 *
 *     patient       P9  P9  P2  P9  P2  P5
 *     subject_code   0   0   1   0   1   2
 */
export const SUBJECT_CODE = "subject_code";

/** A query of subjects from rows that have their `first`, sorted so that their places are their codes. */
export function inOrderOfCodes(subjects: Sql): Sql {
  return sql`${subjects} ORDER BY first`;
}

/** For FROM: a table made of such a query, which nothing was deleted from, with the codes. */
export function withCodes(table: Sql): Sql {
  return sql`(SELECT *, rowid::INTEGER AS ${id(SUBJECT_CODE)} FROM ${table})`;
}
