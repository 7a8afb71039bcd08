import type { Sql } from "../table/sql.ts";
import type { ReportDuplicates, Severity } from "./contract.ts";
import type { Dtype } from "./dtype.ts";
import type { Reason, SchemaContext } from "./report.ts";

/** A column as the checks see it: after defaults and coercion. */
export type PlanColumn = Readonly<{
  name: string;
  dtype: Dtype;
  /** Over the source; NaN is NULL. */
  value: Sql;
  /** The value before coercion, what marks one that would not convert, and the column that asked (a pattern where it is one). */
  coercion: Readonly<{ column: string; from: Sql; fromDtype: Dtype; to: Dtype; fails: Sql }> | null;
  /** The value in the data that the contract leaves: NaN stays NaN where nothing changes it. */
  output: Sql;
  isSensitive: boolean;
}>;

/** How a check is decided; every Sql is over the columns of the source. */
export type Test =
  | Readonly<{
      kind: "decided";
      cases: readonly DecidedCase[];
      /** The cases are there only when some row has a value here. */
      given?: Sql;
    }>
  | Readonly<{
      kind: "rows";
      /** True where the row breaks the check; NULL counts as not. */
      fails: Sql;
      /** What was checked, counted where it is there. NULL for every row. */
      checked: Checked | null;
      shown: Sql;
      isSensitive: boolean;
      /** The one case of a check that fails although no single value does. */
      orElse: string | null;
      /** True where a value is there and passes; breaking it and missing a value are the opposite. */
      held?: Sql;
      /** How the file may prove it without a scan. */
      proof?: Proof | null;
    }>
  | Readonly<{ kind: "cells"; cells: readonly Cell[]; isNullBroken: Sql | null }>
  | Readonly<{ kind: "duplicates"; keys: readonly Key[]; keep: ReportDuplicates }>
  | Readonly<{ kind: "values"; value: Sql; isIn: Sql; size: number; nullsBreak: boolean }>;

export type Checked = Readonly<{ value: Sql; isMissing: Sql }>;

/**
 * Proven of a column where no null is there that fails, and what its file says beside: nothing for a
 * check of nulls, that the bounds of its values pass, or that every value does.
 */
export type Proof = Readonly<{ column: string; nullsFail: boolean }> &
  (Readonly<{ by: "nulls" | "values" }> | Readonly<{ by: "bounds"; passes: (bound: Sql) => Sql }>);

export type DecidedCase = string | number | boolean | null;
export type Cell = Readonly<{ column: string; fails: Sql; shown: Sql; isSensitive: boolean }>;
export type Key = Readonly<{ column: string; value: Sql; dtype: Dtype; isSensitive: boolean }>;

export type PlannedCheck = Readonly<{
  context: SchemaContext;
  column: string | null;
  /** Null only for an index that a table does not have, as in Pandera. */
  check: string | null;
  checkNumber: number | null;
  reason: Reason;
  severity: Severity;
  mostly: number | null;
  /** n_failure_cases: how many are listed. */
  limit: number | null;
  /** Rows that break it are dropped instead of reported as errors. */
  drops: boolean;
  test: Test;
}>;

/** A pattern that only JavaScript can run: over the distinct values, before everything else. */
export type PatternTask = Readonly<{ value: Sql; pattern: RegExp; table: string }>;

export type OutputColumn = Readonly<{ name: string; value: Sql }>;

export type ValidationPlan = Readonly<{
  patterns: readonly PatternTask[];
  checks: readonly PlannedCheck[];
  /** Columns of the data as the contract leaves it. */
  output: readonly OutputColumn[];
  /** Coerced columns, by name: a failure there means planning again with the column as it was. */
  coerced: ReadonlyMap<string, Sql>;
}>;
