import type { Relation } from "../table/relation.ts";
import type { Severity } from "./contract.ts";
import { dataDtype } from "./dtype.ts";
import type { DecidedCase, PlannedCheck, Test } from "./plan-types.ts";
import type { Reason } from "./report.ts";

/** A check that is decided without a scan of the rows. */
export function decided(cases: readonly DecidedCase[]): Test {
  return { kind: "decided", cases };
}

/** A check of the table as a whole, as reports have it. */
export function toCheck(
  check: string,
  column: string | null,
  severity: Severity,
  test: Test,
  reason: Reason = "DATAFRAME_CHECK",
): PlannedCheck {
  return {
    context: "DataFrameSchema",
    column,
    check,
    checkNumber: null,
    reason,
    severity,
    mostly: null,
    limit: null,
    drops: false,
    test,
  };
}

type Wrong = Readonly<{ test: Test; reason: Reason }>;

/** The finding where a check has no column to look at, or none of times. */
export function wrongColumn(relation: Relation, name: string, isTime = false): Wrong | undefined {
  const found = relation.columns.find((column) => column.name === name);
  if (found === undefined) {
    return { test: decided([name]), reason: "COLUMN_NOT_IN_DATAFRAME" };
  }
  const { kind } = dataDtype(found.type, found.duckdbType);
  if (!isTime || kind === "datetime" || kind === "date") return undefined;
  return { test: decided([found.type]), reason: "WRONG_DATATYPE" };
}

/** Columns as a check's id names them: one by itself, several as a list. */
export function shownColumns(columns: readonly string[]): string | readonly string[] {
  return columns.length === 1 ? columns[0]! : columns;
}
