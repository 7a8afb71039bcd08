import { ROW_NUMBER } from "../table/relation.ts";
import { id, type Sql, sql } from "../table/sql.ts";
import { SPLIT_COLUMN } from "./split-sql.ts";

/** Stands beside the split of a row where a subject is declared: which rows belong together. */
export const SUBJECT_CODE = "subject_code";

/**
 * The subjects of rows, for FROM: `subject` as text, its first row, its split and its number of rows.
 * A subject is in one split.
 */
export function subjectsOf(rows: Sql, subject: Sql): Sql {
  return sql`(SELECT ${subject} AS subject, min(${id(ROW_NUMBER)}) AS first, any_value(${id(SPLIT_COLUMN)}) AS split, count(*) AS n
    FROM ${rows} GROUP BY 1)`;
}

/**
 * Rows with the code of their subject, for FROM: 0 for the subject of the first row, 1 for the next
 * subject that appears, and so on without a gap. A code does not say who the subject is, so evaluation
 * can keep the rows of one patient together without an identifier. `subject` is text over the rows,
 * `subjects` the table of `subjectsOf`.
 *
 *     patient       P9  P9  P2  P9  P2  P5
 *     subject_code   0   0   1   0   1   2
 */
export function withSubjectCode(rows: Sql, subject: Sql, subjects: Sql): Sql {
  return sql`(
    SELECT r.* EXCLUDE ("__subject__"), s.${id(SUBJECT_CODE)}
    FROM (SELECT *, ${subject} AS "__subject__" FROM ${rows}) r
    JOIN (SELECT subject, (row_number() OVER (ORDER BY first) - 1)::INTEGER AS ${id(SUBJECT_CODE)} FROM ${subjects}) s
    ON r."__subject__" = s.subject)`;
}
