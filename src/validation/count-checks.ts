import type { Engine } from "../table/engine.ts";
import type { Relation } from "../table/relation.ts";
import type { Row } from "../table/row.ts";
import { sql } from "../table/sql.ts";
import type { Outcome } from "./outcome.ts";
import type { PlannedCheck, ValidationPlan } from "./plan-types.ts";
import {
  countQuery,
  countSql,
  duplicateCountQuery,
  duplicateRowsTable,
  hasDuplicatesQuery,
} from "./scan-sql.ts";

export type Counts = Readonly<{
  outcomes: readonly Outcome[];
  failedCoercions: ReadonlySet<string>;
}>;

/** The first pass: every check's counts in one SELECT, and one query for each uniqueness. */
export async function countChecks(
  engine: Engine,
  relation: Relation,
  plan: ValidationPlan,
): Promise<Counts> {
  const coerced = [...plan.coerced];
  const counted = [
    ...plan.checks.flatMap((check, place) => countSql(check.test, place)),
    ...coerced.map(([, fails], i) => ({
      name: `x${i}`,
      expression: sql`count(*) FILTER (WHERE ${fails})`,
    })),
  ];
  const usesIndex = plan.checks.some((check) => check.context === "Index");
  const row =
    counted.length === 0 ? {} : (await engine.rows(countQuery(relation, counted, usesIndex)))[0]!;
  const failedCoercions = coerced.filter((_, i) => Number(row[`x${i}`]) > 0).map(([name]) => name);
  const outcomes: Outcome[] = [];
  let isJointBroken = false;
  for (const [place, check] of plan.checks.entries()) {
    const isJoint = check.reason === "DUPLICATES";
    if (isJoint && isJointBroken) continue;
    const outcome =
      check.test.kind === "duplicates"
        ? await countDuplicates(engine, relation, check, place)
        : toOutcome(check, place, row, relation.rowCount);
    if (isJoint && outcome.isFailed) isJointBroken = true;
    outcomes.push(outcome);
  }
  return { outcomes, failedCoercions: new Set(failedCoercions) };
}

function toOutcome(check: PlannedCheck, place: number, row: Row, rowCount: number): Outcome {
  const count = (letter: string) => Number(row[`${letter}${place}`] ?? 0);
  const { test } = check;
  const base = { check, place, duplicates: undefined, scalar: undefined } as const;
  if (test.kind === "decided") {
    const failed = test.cases.length;
    const checked = check.checkNumber === null ? 1 : rowCount;
    return { ...base, checked, failed, isFailed: failed > 0, scalar: test.cases[0] };
  }
  const checked = count("c");
  const failed = count("f");
  if (test.kind === "values") {
    const isFailed = failed > 0 || count("d") !== test.size || count("n") > 0;
    return {
      ...base,
      checked,
      failed: isFailed ? 1 : 0,
      isFailed,
      scalar: isFailed ? false : undefined,
    };
  }
  if (test.kind === "rows" && failed === 0 && test.orElse !== null) {
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
