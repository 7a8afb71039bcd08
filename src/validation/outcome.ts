import type { DecidedCase, PlannedCheck } from "./plan-types.ts";

/** What the first scan found out about a check. */
export type Outcome = Readonly<{
  check: PlannedCheck;
  place: number;
  checked: number;
  failed: number;
  isFailed: boolean;
  /** The one case that has no row: set where the check fails as a whole. */
  scalar: DecidedCase | undefined;
  /** Table of the duplicate rows. */
  duplicates: string | undefined;
}>;

/** Where a failed check goes: `dropped` rows and what is tolerated leave the data valid. */
export type Verdict = "passed" | "failure" | "warning" | "tolerated" | "dropped";

export function judge(outcomes: readonly Outcome[], dropsRows: boolean): Map<Outcome, Verdict> {
  const isBlocked = dropsRows && outcomes.some((outcome) => isError(outcome) && !hasRows(outcome));
  return new Map(outcomes.map((outcome) => [outcome, verdict(outcome, isBlocked)]));
}

/** Pandera drops rows only where every failure has rows; a missing column still fails the data. */
function verdict(outcome: Outcome, isBlocked: boolean): Verdict {
  if (!outcome.isFailed) return "passed";
  if (isTolerated(outcome)) return "tolerated";
  if (outcome.check.severity === "warning") return "warning";
  return outcome.check.drops && hasRows(outcome) && !isBlocked ? "dropped" : "failure";
}

function isError(outcome: Outcome): boolean {
  return outcome.isFailed && outcome.check.severity === "error" && !isTolerated(outcome);
}

function isTolerated({ check, checked, failed, scalar }: Outcome): boolean {
  if (check.mostly === null || scalar !== undefined) return false;
  return checked > 0 && (checked - failed) / checked >= check.mostly;
}

function hasRows({ check, scalar }: Outcome): boolean {
  return scalar === undefined && check.test.kind !== "decided" && check.test.kind !== "values";
}
