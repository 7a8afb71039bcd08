import { id, type Sql, sql } from "../table/sql.ts";

/** Stands beside the split of a row where a subject is declared: which rows belong together. */
export const SUBJECT_CODE = "subject_code";

/**
 * Subjects with a code, for a query of subjects that has their `first` row: 0 for the subject of the
 * first row, 1 for the next subject that appears, and so on without a gap. A code does not say who the
 * subject is, so evaluation can keep the rows of one patient together without an identifier.
 *
 *     patient       P9  P9  P2  P9  P2  P5
 *     subject_code   0   0   1   0   1   2
 */
export function withSubjectCode(subjects: Sql): Sql {
  return sql`SELECT *, (row_number() OVER (ORDER BY first) - 1)::INTEGER AS ${id(SUBJECT_CODE)} FROM (${subjects})`;
}
