import { sql } from "kysely";
import type { ChildRows } from "./child-rows.ts";
import { all, type Sql } from "./condition.ts";
import type { Segment } from "./keyset.ts";

/**
 * The first page of the best runs by a metric, read down the index of that metric until the page is
 * full: a hundred runs of thousands. The planner would rather look at all of them, since it takes the
 * keys of runs for independent of each other and of the experiment, and so expects far fewer rows to
 * pass a filter than do.
 *
 * It may be right, and the walk long: the best of all may be in other experiments, or not pass. So the
 * walk ends after a few rows for each of the page. What it has found by then is the beginning of the
 * answer, as it ends between two values; where that is less than a page, the planner has its way.
 */
export type Walk = Readonly<{
  rows: ChildRows;
  key: string;
  /** What the filter says of the value itself. */
  conditions: readonly Sql[];
}>;

/** The alias of the row that the order is by first. */
export const LEAD = "o0";

/** More is better left to a plan for all rows. */
const MOST_STEPS = 10_000;
const STEPS_PER_ROW = 8;

/** The rows to walk, in order, under the alias LEAD; undefined where a page is too long for it. */
export function walkKey(walk: Walk, segment: Segment, most: number): Sql | undefined {
  const steps = most * STEPS_PER_ROW;
  if (segment.lead === undefined || steps > MOST_STEPS) return undefined;
  const { where, orderBy, isDescending } = segment.lead;
  const lead = sql.id(LEAD);
  const own = all([sql`${lead}.key = ${walk.key}`, ...walk.conditions, where]);
  const [beyond, open] = isDescending ? [sql`>`, sql`'-Infinity'`] : [sql`<`, sql`'Infinity'`];
  const from = sql`FROM ${walk.rows.table} AS ${lead} WHERE ${own}`;
  const end = sql`(SELECT ${lead}.value ${from} ORDER BY ${orderBy} OFFSET ${steps} LIMIT 1)`;
  // The bound stands outside: inside, the planner thinks few rows pass it, and sorts all that do.
  return sql`(SELECT * FROM (SELECT ${lead}.${walk.rows.owner}, ${lead}.value
      ${from} ORDER BY ${orderBy} LIMIT ${steps}) AS ${lead}
    WHERE ${lead}.value ${beyond} COALESCE(${end}, ${open})) AS ${lead}`;
}
