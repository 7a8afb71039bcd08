import { ROW_NUMBER } from "../table/relation.ts";
import { id, type Sql, sql } from "../table/sql.ts";

/** Stands beside the split of a row where a subject is declared: which rows belong together. */
export const SUBJECT_CODE = "subject_code";

/**
 * Rows with the code of their subject, for FROM: 0 for the subject of the first row, 1 for the next
 * subject that appears, and so on without a gap. A code does not say who the subject is, so evaluation
 * can keep the rows of one patient together without an identifier. `subject` is text over the rows.
 *
 *     patient       P9  P9  P2  P9  P2  P5
 *     subject_code   0   0   1   0   1   2
 */
export function withSubjectCode(rows: Sql, subject: Sql): Sql {
  return sql`(
    WITH named AS (SELECT *, ${subject} AS "__subject__" FROM ${rows}),
    subjects AS (SELECT "__subject__", min(${id(ROW_NUMBER)}) AS first FROM named GROUP BY 1),
    coded AS (
      SELECT "__subject__", (row_number() OVER (ORDER BY first) - 1)::INTEGER AS ${id(SUBJECT_CODE)}
      FROM subjects)
    SELECT * EXCLUDE ("__subject__") FROM named JOIN coded USING ("__subject__"))`;
}
