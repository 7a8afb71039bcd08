import type { ColumnStatistics } from "../table/parquet-statistics.ts";
import { type Sql, sql } from "../table/sql.ts";
import type { Predicate } from "./check-sql.ts";
import type { Check } from "./contract.ts";
import { isPlain } from "./missing-sql.ts";
import type { PlanColumn, Proof } from "./plan-types.ts";

/**
 * What the statistics of Parquet files can prove of a check without reading a value: that there are
 * no nulls, and that every value passes because the smallest and the largest do. The latter holds for
 * checks that pass on an interval: order, equality, and a prefix, since text that begins alike is
 * contiguous in the order of its bytes. So the bounds need not be values that occur.
 */
const ON_INTERVALS: ReadonlySet<string> = new Set([
  "equal_to",
  "greater_than",
  "greater_than_or_equal_to",
  "less_than",
  "less_than_or_equal_to",
  "in_range",
  "str_startswith",
]);

/** How `not_nullable` can be proven. */
export function nullProof(column: PlanColumn): Proof | null {
  return isPlain(column) ? { column: column.name, nullsFail: true, by: "nulls" } : null;
}

/** How a check of the column's values can be proven; `predicate` asks it of any value. */
export function valuesProof(
  check: Check,
  column: PlanColumn,
  predicate: (value: Sql) => Predicate,
): Proof | null {
  if (!isPlain(column)) return null;
  const subject = { column: column.name, nullsFail: !check.options.ignoreNa };
  if (!ON_INTERVALS.has(check.name)) return { ...subject, by: "values" };
  const passes = (bound: Sql) => {
    const asked = predicate(bound);
    return "error" in asked ? sql`FALSE` : asked.passes;
  };
  return { ...subject, by: "bounds", passes };
}

/** True where the statistics prove it; a query of constants. */
export function provenSql(proof: Proof, found: ColumnStatistics): Sql {
  if (proof.by === "values") return sql`FALSE`;
  // NaN counts as null: it breaks no check that ignores nulls
  if (proof.nullsFail && (found.nulls > 0 || found.mayHoldNaN)) return sql`FALSE`;
  if (proof.by !== "bounds") return sql`TRUE`;
  if (found.bounds === null) return sql`FALSE`;
  const { min, max } = found.bounds;
  return sql`coalesce(${proof.passes(min)} AND ${proof.passes(max)}, FALSE)`;
}
