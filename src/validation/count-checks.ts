import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import type { Row } from "../table/row.ts";
import { type Sql, sql } from "../table/sql.ts";
import {
  countValues,
  type FoundValues,
  keepFewNulls,
  nullFlags,
  planValueCounts,
} from "./count-values.ts";
import { type FailedRows, failedCounts, planFailedRows } from "./failed-rows-sql.ts";
import type { Outcome } from "./outcome.ts";
import type { PlannedCheck, ValidationPlan } from "./plan-types.ts";
import { proveChecks } from "./prove-checks.ts";
import {
  duplicateCountQuery,
  duplicateRowsTable,
  hasDuplicatesQuery,
  selectQuery,
} from "./scan-sql.ts";

/** DuckDB looks for shared expressions in the square of their number, and rows that fail are few. */
const MANY_CONDITIONS = 500;
const DISABLE_SHARING = sql`SET disabled_optimizers = 'common_subexpressions'`;
const RESET_SHARING = sql`RESET disabled_optimizers`;

export type Counts = Readonly<{
  outcomes: readonly Outcome[];
  failedCoercions: ReadonlySet<string>;
  rows: FailedRows;
}>;

/**
 * Counts what every check finds. What the statistics of the files do not prove is found in one scan,
 * which keeps the rows that fail; the values of columns with many nulls are counted apart, and each
 * uniqueness has a query of its own.
 */
export async function countChecks(
  engine: Engine,
  relation: Relation,
  plan: ValidationPlan,
): Promise<Counts> {
  const proven = await proveChecks(engine, relation, plan.checks);
  const open = plan.checks.filter((check) => !proven.checks.has(check)).map(({ test }) => test);
  const coerced = [...plan.coerced];
  const planned = planValueCounts(plan.checks, proven.nulls);
  const values = await keepFewNulls(engine, relation, planned);
  const nullConditions = nullFlags(values);
  const more = [...coerced.map(([, fails]) => fails), ...nullConditions];
  const { rows, create } = planFailedRows(relation, engine.freshName(), open, more);
  const kept = create === null ? 0 : await keepFailedRows(engine, rows, create);
  const counted = failedCounts(
    rows,
    plan.checks.map(({ test }) => test),
    more,
  );
  const row = kept === 0 ? {} : (await engine.rows(selectQuery(counted, rows.table)))[0]!;
  const count = (name: string) => Number(row[name] ?? 0);
  const nulls = nullConditions.map((_, i) => count(`x${coerced.length + i}`));
  const found = await countValues(engine, relation, values, nulls);
  const outcomes: Outcome[] = [];
  let isJointBroken = false;
  for (const [place, check] of plan.checks.entries()) {
    const isJoint = check.reason === "DUPLICATES";
    if (isJoint && isJointBroken) continue;
    const outcome =
      check.test.kind === "duplicates"
        ? await countDuplicates(engine, relation, check, place)
        : toOutcome(check, place, { ...row, ...found.row }, relation.rowCount, found);
    if (isJoint && outcome.isFailed) isJointBroken = true;
    outcomes.push(outcome);
  }
  const failedCoercions = coerced.filter((_, i) => count(`x${i}`) > 0).map(([name]) => name);
  return { outcomes, failedCoercions: new Set(failedCoercions), rows };
}

/** Fills the table of failed rows; how many there are. */
async function keepFailedRows(engine: Engine, rows: FailedRows, create: Sql): Promise<number> {
  const isWide = rows.flags.size > MANY_CONDITIONS;
  if (isWide) await engine.run(DISABLE_SHARING);
  try {
    await engine.run(create);
  } finally {
    if (isWide) await engine.run(RESET_SHARING);
  }
  const [counted] = await engine.rows(sql`SELECT count(*) AS n FROM ${rows.table}`);
  return Number(counted!["n"]);
}

function toOutcome(
  check: PlannedCheck,
  place: number,
  row: Row,
  rowCount: number,
  found: FoundValues,
): Outcome {
  const count = (letter: string) => Number(row[`${letter}${place}`] ?? 0);
  const { test } = check;
  const base = { check, place, duplicates: undefined, scalar: undefined } as const;
  if (test.kind === "decided") {
    const failed = test.given !== undefined && count("n") === 0 ? 0 : test.cases.length;
    const checked = check.checkNumber === null ? 1 : rowCount;
    return {
      ...base,
      checked,
      failed,
      isFailed: failed > 0,
      scalar: test.cases.slice(0, failed)[0],
    };
  }
  const failed = count("f");
  if (test.kind === "values") {
    const checked = count("c");
    const isFailed = failed > 0 || count("d") !== test.size || count("n") > 0;
    return {
      ...base,
      checked,
      failed: isFailed ? 1 : 0,
      isFailed,
      scalar: isFailed ? false : undefined,
    };
  }
  const checked =
    test.kind === "rows" && test.checked !== null ? found.present(test.checked.value) : rowCount;
  if (check.reason === "DATATYPE_COERCION" && failed === 0 && count("n") > 0) {
    return { ...base, checked, failed: 1, isFailed: true, scalar: null };
  }
  // a table without rows holds no value of another type
  if (test.kind === "rows" && failed === 0 && test.orElse !== null && rowCount > 0) {
    return { ...base, checked, failed: 1, isFailed: true, scalar: test.orElse };
  }
  return { ...base, checked, failed, isFailed: failed > 0 || count("n") > 0 };
}

async function countDuplicates(
  engine: Engine,
  relation: Relation,
  check: PlannedCheck,
  place: number,
): Promise<Outcome> {
  if (check.test.kind !== "duplicates") throw new TypeError("expected a uniqueness check");
  const { keys } = check.test;
  const base = { check, place, checked: relation.rowCount, scalar: undefined } as const;
  const [found] = await engine.rows(hasDuplicatesQuery(relation, keys));
  if (Number(found!["n"]) === 0)
    return { ...base, failed: 0, isFailed: false, duplicates: undefined };
  const duplicates = engine.freshName();
  await engine.run(duplicateRowsTable(relation, check.test, duplicates));
  const [cases] = await engine.rows(duplicateCountQuery(keys, duplicates));
  return { ...base, failed: Number(cases!["n"]), isFailed: true, duplicates };
}
