import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import type { Row } from "../table/row.ts";
import { type Sql, sql } from "../table/sql.ts";
import type { PlannedCheck } from "./plan-types.ts";
import { type Counted, selectQuery, valuesCounts } from "./scan-sql.ts";

/** Where the number of values that a check saw comes from, by the SQL of the value. */
export type ValueCounts = Readonly<{
  /** Nulls that the statistics of the files tell. */
  nulls: ReadonlyMap<string, number>;
  /** Nulls that fail a check anyway, so that the scan for failed rows finds them. */
  flagged: readonly Sql[];
  flags: readonly Sql[];
  /** What only a count over the table tells. */
  apart: readonly Sql[];
  checks: readonly PlannedCheck[];
}>;

/** Decides where each count comes from. */
export function planValueCounts(
  checks: readonly PlannedCheck[],
  nulls: ReadonlyMap<string, number>,
): ValueCounts {
  const flagged = new Map<string, Sql>();
  const apart = new Map<string, Sql>();
  const never = new Set(
    checks
      .filter(({ check }) => check === "not_nullable")
      .map(({ context, column }) => `${context} ${column}`),
  );
  for (const { test, context, column } of checks) {
    if (test.kind !== "rows" || test.checked === null || nulls.has(test.checked.text)) continue;
    const found = never.has(`${context} ${column}`) ? flagged : apart;
    found.set(test.checked.text, test.checked);
  }
  const values = [...flagged.values()];
  return {
    nulls,
    flagged: values,
    flags: values.map((value) => sql`(${value} IS NULL)`),
    apart: [...apart.values()],
    checks,
  };
}

/** The aggregates of checks of a whole column, and how many values there are of each value's SQL. */
export type FoundValues = Readonly<{ row: Row; present: (value: Sql) => number }>;

/** Counts over the table what is not known yet. */
export async function countValues(
  engine: Engine,
  relation: Relation,
  { nulls, flagged, apart, checks }: ValueCounts,
  flaggedNulls: readonly number[],
): Promise<FoundValues> {
  const counted: Counted[] = [
    ...apart.map((value, i) => ({ name: `p${i}`, expression: sql`count(${value})` })),
    ...checks.flatMap(({ test }, place) => valuesCounts(test, place)),
  ];
  const usesIndex = checks.some((check) => check.context === "Index");
  const from = usesIndex ? relation.numbered : relation.sql;
  const row = counted.length === 0 ? {} : (await engine.rows(selectQuery(counted, from)))[0]!;
  const known = new Map<string, number>(
    [...nulls].map(([text, n]) => [text, relation.rowCount - n]),
  );
  for (const [i, { text }] of flagged.entries()) {
    known.set(text, relation.rowCount - flaggedNulls[i]!);
  }
  for (const [i, { text }] of apart.entries()) known.set(text, Number(row[`p${i}`]));
  return { row, present: (value) => known.get(value.text)! };
}
