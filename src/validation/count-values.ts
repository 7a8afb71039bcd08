import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import type { Row } from "../table/row.ts";
import { lit, type Sql, sql } from "../table/sql.ts";
import type { Checked, PlannedCheck } from "./plan-types.ts";
import { type Counted, selectQuery, valuesCounts } from "./scan-sql.ts";

/** Where the number of values that a check saw comes from, by the SQL of the value. */
export type ValueCounts = Readonly<{
  /** Nulls that the statistics of the files tell. */
  nulls: ReadonlyMap<string, number>;
  /** Values whose nulls the scan keeps: they fail a check anyway, or are few. */
  flagged: readonly Checked[];
  /** What only a count over the table tells. */
  apart: readonly Checked[];
  checks: readonly PlannedCheck[];
}>;

/** Decides where each count comes from. */
export function planValueCounts(
  checks: readonly PlannedCheck[],
  nulls: ReadonlyMap<string, number>,
): ValueCounts {
  const flagged = new Map<string, Checked>();
  const apart = new Map<string, Checked>();
  const never = new Set(
    checks
      .filter(({ check }) => check === "not_nullable")
      .map(({ context, column }) => `${context} ${column}`),
  );
  for (const { test, context, column } of checks) {
    if (test.kind !== "rows" || test.checked === null) continue;
    if (nulls.has(test.checked.value.text)) continue;
    const found = never.has(`${context} ${column}`) ? flagged : apart;
    found.set(test.checked.value.text, test.checked);
  }
  return { nulls, flagged: [...flagged.values()], apart: [...apart.values()], checks };
}

/** The conditions that the scan keeps rows by, to count nulls. */
export function nullFlags({ flagged }: ValueCounts): Sql[] {
  return flagged.map(({ isMissing }) => isMissing);
}

const FIRST_ROWS = 50_000;
const FEW_NULLS = 0.01;

/** Lets the scan keep the nulls that are few in the first rows, which saves a second reading. */
export async function keepFewNulls(
  engine: Engine,
  relation: Relation,
  counts: ValueCounts,
): Promise<ValueCounts> {
  const { apart, flagged } = counts;
  if (apart.length === 0 || relation.rowCount <= FIRST_ROWS) return counts;
  const present = countPresent(apart);
  const first = sql`(SELECT * FROM ${relation.numbered} LIMIT ${lit(FIRST_ROWS)})`;
  const [row] = await engine.rows(selectQuery(present, first));
  const isFew = (_: Checked, i: number) => Number(row![`p${i}`]) >= FIRST_ROWS * (1 - FEW_NULLS);
  return {
    ...counts,
    flagged: [...flagged, ...apart.filter(isFew)],
    apart: apart.filter((each, i) => !isFew(each, i)),
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
    ...countPresent(apart),
    ...checks.flatMap(({ test }, place) => valuesCounts(test, place)),
  ];
  const usesIndex = checks.some((check) => check.context === "Index");
  const from = usesIndex ? relation.numbered : relation.sql;
  const row = counted.length === 0 ? {} : (await engine.rows(selectQuery(counted, from)))[0]!;
  const known = new Map<string, number>(
    [...nulls].map(([text, n]) => [text, relation.rowCount - n]),
  );
  for (const [i, { value }] of flagged.entries()) {
    known.set(value.text, relation.rowCount - flaggedNulls[i]!);
  }
  for (const [i, { value }] of apart.entries()) known.set(value.text, Number(row[`p${i}`]));
  return { row, present: (value) => known.get(value.text)! };
}

function countPresent(apart: readonly Checked[]): Counted[] {
  return apart.map(({ value }, i) => ({ name: `p${i}`, expression: sql`count(${value})` }));
}
