import { systemClock } from "../core/clock.ts";
import type { Engine } from "../table/engine.ts";
import { describeRelation, type Relation, ROW_NUMBER } from "../table/relation.ts";
import { id, join, type Sql, sql } from "../table/sql.ts";
import { collectCases } from "./collect-cases.ts";
import type { Contract } from "./contract.ts";
import { countChecks } from "./count-checks.ts";
import { brokenRowsQuery, dropRows, type FailedRows } from "./failed-rows-sql.ts";
import { fullMask, type Mask } from "./mask.ts";
import { matchPattern } from "./match-patterns.ts";
import { judge, type Outcome, type Verdict } from "./outcome.ts";
import { planValidation } from "./plan.ts";
import { type OpenReference, openReferencedFile } from "./plan-foreign-key.ts";
import { planTableChecks } from "./plan-table-checks.ts";
import type { PlannedCheck, ValidationPlan } from "./plan-types.ts";
import type { FailureCase, Reason, ValidationReport } from "./report.ts";
import { anyOf, brokenSql } from "./scan-sql.ts";

export type ValidateOptions = Readonly<{
  /** Shown as `schema` when the contract has no name. */
  schemaName?: string;
  /** How many cases are listed for each check, 1000 unless told. Counts are always exact. */
  maxCases?: number;
  /** Shows values of sensitive columns; without it nothing of them is shown. */
  mask?: Mask;
  /** What freshness is told by; the time of day unless told. */
  now?: Date;
  /** Opens what foreign keys refer to; a file by its path, unless told. */
  openReference?: OpenReference;
  /** The dataset that the table is; a foreign key that names it looks into the table itself. */
  datasetName?: string;
}>;

export type BadRows = Readonly<{ reason: string; condition: Sql }>;

export type Validation = Readonly<{
  report: ValidationReport;
  /** The data as the contract leaves it: coerced, filtered, columns added, invalid rows dropped. */
  output: Relation;
  /** What is wrong with rows, and where: for the quarantine. */
  badRows: readonly BadRows[];
}>;

/**
 * Checks a table against a contract and collects everything in one scan: exact counts, and the first
 * cases of what failed. A violation is a value, not an error.
 */
export async function validateRelation(
  engine: Engine,
  contract: Contract,
  relation: Relation,
  options: ValidateOptions = {},
): Promise<Validation> {
  const tableChecks = await planTableChecks(
    engine,
    contract,
    relation,
    options.now ?? systemClock.now(),
    { open: options.openReference ?? openReferencedFile, itself: options.datasetName },
  );
  const { plan, outcomes, rows } = await planAndCount(engine, contract, relation, tableChecks);
  const verdicts = judge(outcomes, contract.dropInvalidRows);
  const failed = outcomes.filter((outcome) => outcome.isFailed);
  const ofVerdict = (wanted: Verdict) => failed.filter((each) => verdicts.get(each) === wanted);
  const cases = await collectCases(engine, rows, failed, {
    maxCases: options.maxCases ?? 1000,
    mask: options.mask ?? fullMask,
  });
  const droppedRows = await countBroken(engine, rows, ofVerdict("dropped"));
  const report = toReport(relation, outcomes, verdicts, cases, {
    schema: contract.name ?? options.schemaName ?? null,
    failedRows: await countBroken(engine, rows, ofVerdict("failure")),
    droppedRows,
  });
  await engine.run(dropRows(rows));
  const dropped = droppedRows === 0 ? null : anyOf(ofVerdict("dropped").flatMap(rowsOf));
  return {
    report,
    output: await toOutput(engine, relation, plan, dropped, relation.rowCount - droppedRows),
    badRows: failed
      .filter((each) => verdicts.get(each) === "failure" || verdicts.get(each) === "dropped")
      .flatMap((each) =>
        rowsOf(each).map((condition) => ({ reason: reasonText(each), condition })),
      ),
  };
}

/** How many rows break any of these checks. */
async function countBroken(
  engine: Engine,
  rows: FailedRows,
  outcomes: readonly Outcome[],
): Promise<number> {
  const withRows = outcomes.filter((outcome) => outcome.scalar === undefined);
  const duplicates = withRows.flatMap((each) => each.duplicates ?? []);
  const tests = withRows
    .filter((each) => each.duplicates === undefined)
    .map((each) => each.check.test);
  if (withRows.length === 0) return 0;
  const [row] = await engine.rows(brokenRowsQuery(rows, tests, duplicates));
  return Number(row!["n"]);
}

/** A coercion that fails leaves its column as it was, so its checks are planned and counted again. */
async function planAndCount(
  engine: Engine,
  contract: Contract,
  relation: Relation,
  tableChecks: readonly PlannedCheck[],
): Promise<{ plan: ValidationPlan; outcomes: readonly Outcome[]; rows: FailedRows }> {
  let failedCoercions: ReadonlySet<string> = new Set();
  for (;;) {
    const planned = planValidation(contract, relation.columns, {
      failedCoercions,
      tablePrefix: engine.freshName(),
    });
    const plan = { ...planned, checks: [...planned.checks, ...tableChecks] };
    for (const task of plan.patterns) await matchPattern(engine, relation, task);
    const counts = await countChecks(engine, relation, plan);
    const failed = contract.dropInvalidRows ? new Set<string>() : counts.failedCoercions;
    const all = contract.dtype !== null && failed.size > 0 ? new Set(plan.coerced.keys()) : failed;
    if (all.size <= failedCoercions.size) return { plan, ...counts };
    await engine.run(dropRows(counts.rows));
    failedCoercions = all;
  }
}

function rowsOf(outcome: Outcome): Sql[] {
  if (outcome.scalar !== undefined) return [];
  const condition = brokenSql(outcome.check.test, outcome.duplicates);
  return condition === null ? [] : [condition];
}

function reasonText({ check }: Outcome): string {
  return check.column === null ? String(check.check) : `${check.column}: ${check.check}`;
}

type Facts = Readonly<{ schema: string | null; failedRows: number; droppedRows: number }>;

function toReport(
  relation: Relation,
  outcomes: readonly Outcome[],
  verdicts: ReadonlyMap<Outcome, Verdict>,
  cases: ReadonlyMap<Outcome, readonly FailureCase[]>,
  facts: Facts,
): ValidationReport {
  const failures: FailureCase[] = [];
  const warnings: FailureCase[] = [];
  const byReason: Partial<Record<Reason, number>> = {};
  let failureCount = 0;
  let failedChecks = 0;
  for (const outcome of outcomes) {
    const verdict = verdicts.get(outcome)!;
    const listed = cases.get(outcome) ?? [];
    if (verdict === "failure") {
      failures.push(...listed);
      failureCount += outcome.failed;
      failedChecks += 1;
      const { reason } = outcome.check;
      byReason[reason] = (byReason[reason] ?? 0) + 1;
    } else warnings.push(...listed.map((each) => ({ ...each, severity: "warning" as const })));
  }
  return {
    schema_version: 1,
    valid: failedChecks === 0,
    schema: facts.schema,
    row_count: relation.rowCount,
    checks: outcomes.map((outcome) => ({
      schema_context: outcome.check.context,
      column: outcome.check.column,
      check: outcome.check.check,
      check_number: outcome.check.checkNumber,
      severity: outcome.check.severity,
      status: isPassed(verdicts.get(outcome)!) ? "passed" : "failed",
      checked: outcome.checked,
      failed: outcome.failed,
      listed: cases.get(outcome)?.length ?? 0,
    })),
    failures,
    warnings,
    counts: {
      failures: failureCount,
      listed: failures.length,
      failed_checks: failedChecks,
      failed_rows: facts.failedRows,
      dropped_rows: facts.droppedRows,
      by_reason: byReason,
    },
  };
}

function isPassed(verdict: Verdict): boolean {
  return verdict === "passed" || verdict === "tolerated";
}

async function toOutput(
  engine: Engine,
  relation: Relation,
  plan: ValidationPlan,
  dropped: Sql | null,
  rowCount: number,
): Promise<Relation> {
  const isSame =
    dropped === null &&
    plan.output.length === relation.columns.length &&
    plan.output.every(({ name, value }, i) => {
      return relation.columns[i]!.name === name && value.text === id(name).text;
    });
  if (isSame) return relation;
  if (plan.output.length === 0) return { ...relation, columns: [], rowCount };
  const columns = join(plan.output.map(({ name, value }) => sql`${value} AS ${id(name)}`));
  const where = dropped === null ? sql`` : sql` WHERE ${dropped} IS NOT TRUE`;
  const from = dropped === null ? relation.sql : relation.numbered;
  const numbered = sql`(SELECT ${columns}, ${id(ROW_NUMBER)} FROM ${relation.numbered}${where})`;
  return describeRelation(
    engine,
    sql`(SELECT ${columns} FROM ${from}${where})`,
    numbered,
    rowCount,
  );
}
