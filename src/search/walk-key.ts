import { sql } from "kysely";
import type { ChildRows } from "./child-rows.ts";
import { all, type Sql } from "./condition.ts";
import type { Segment } from "./keyset.ts";

/**
 * A page of the best runs by a metric, read down the index of that metric until the page is full: a
 * hundred runs of thousands. The planner would rather look at all of them, since it takes the keys of
 * runs for independent of each other and of the experiment, and so expects far fewer rows to pass a
 * filter than do.
 *
 * It may be right, and the walk long: the best of all may be in other experiments, or not pass. So the
 * walk goes a few rows for each of the page, then once a few more. What it has found by then is the
 * beginning of the answer, as it ends between two values; for what is behind, the planner has its way.
 */
export type Walk = Readonly<{
  rows: ChildRows;
  key: string;
  /** What the filter says of the value itself. */
  conditions: readonly Sql[];
}>;

/** A stretch of a walk. */
export type Stretch = Readonly<{
  /** The rows of the index, in order, under the alias LEAD. */
  rows: Sql;
  /** The value that it ends before; null where it comes to the end of the index. */
  end: Sql;
}>;

/** A row that a walk has found, and the end of its stretch. */
export type Walked = Readonly<{ walk_end: number | null }>;

export type WalkResult<Row> = Readonly<{
  found: readonly Row[];
  /** Where the rows are that the walk has not come to, by the alias LEAD; undefined where none is wanted. */
  left: Sql | undefined;
}>;

/** The alias of the row that the order is by first. */
export const LEAD = "o0";

/**
 * The second stretch is for filters that one run in eight passes. Were the first as long, the planner
 * would sort all values of a small table for it.
 */
const STEPS_PER_ROW = [2, 8];
/** More is better left to a plan for all rows. */
const MOST_STEPS = 10_000;

/** Walks until `read`, which says what passes of a stretch, has given the most that are wanted. */
export async function walkKey<Row extends Walked>(
  walk: Walk,
  { lead }: Segment,
  most: number,
  read: (stretch: Stretch, most: number) => Promise<readonly Row[]>,
): Promise<WalkResult<Row>> {
  let left = sql`true`;
  const found: Row[] = [];
  if (lead === undefined || most * STEPS_PER_ROW.at(-1)! > MOST_STEPS) return { found, left };
  for (const steps of STEPS_PER_ROW) {
    const stretch = planStretch(walk, lead, left, most * steps);
    const rows = await read(stretch, most - found.length);
    found.push(...rows);
    const end = rows[0]?.walk_end;
    if (found.length === most || end === null) return { found, left: undefined };
    // where nothing was found it may begin again: there is nothing to find twice
    if (end !== undefined) left = isFrom(end, lead);
  }
  return { found, left };
}

type Lead = NonNullable<Segment["lead"]>;

function planStretch(walk: Walk, { where, orderBy, ...lead }: Lead, left: Sql, steps: number) {
  const alias = sql.id(LEAD);
  const own = all([sql`${alias}.key = ${walk.key}`, ...walk.conditions, where, left]);
  const beyond = lead.isDescending ? sql`>` : sql`<`;
  const from = sql`FROM ${walk.rows.table} AS ${alias} WHERE ${own}`;
  const end = sql`(SELECT ${alias}.value ${from} ORDER BY ${orderBy} OFFSET ${steps} LIMIT 1)`;
  // The bound stands outside: inside, the planner thinks few rows pass it, and sorts all that do.
  const rows = sql`(SELECT * FROM (SELECT ${alias}.${walk.rows.owner}, ${alias}.value
      ${from} ORDER BY ${orderBy} LIMIT ${steps}) AS ${alias}
    WHERE (${alias}.value ${beyond} ${end}) IS NOT FALSE) AS ${alias}`;
  return { rows, end };
}

/** That a value is the end of a stretch, or comes after. */
function isFrom(end: number, { isDescending }: Lead): Sql {
  return sql`${sql.id(LEAD)}.value ${isDescending ? sql`<=` : sql`>=`} ${end}::double precision`;
}
