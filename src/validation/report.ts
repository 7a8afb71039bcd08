import type { Severity } from "./contract.ts";

/** Pandera's reasons, as its error_counts name them. */
export type Reason =
  | "COLUMN_NOT_IN_SCHEMA"
  | "COLUMN_NOT_ORDERED"
  | "COLUMN_NOT_IN_DATAFRAME"
  | "SERIES_CONTAINS_NULLS"
  | "WRONG_DATATYPE"
  | "WRONG_FIELD_NAME"
  | "INVALID_COLUMN_NAME"
  | "MISMATCH_INDEX"
  | "DATATYPE_COERCION"
  | "DATAFRAME_CHECK"
  | "CHECK_ERROR"
  | "DUPLICATES"
  | "SERIES_CONTAINS_DUPLICATES"
  | "ADD_MISSING_COLUMN_NO_DEFAULT";

export type SchemaContext = "DataFrameSchema" | "Column" | "Index" | "MultiIndex";

/** What a report shows of a value: JSON, with NaN as null and infinities as text. */
export type Shown =
  | string
  | number
  | bigint
  | boolean
  | null
  | { readonly [column: string]: Shown };

export type FailureCase = Readonly<{
  schema_context: SchemaContext;
  column: string | null;
  check: string | null;
  check_number: number | null;
  failure_case: Shown;
  /** 0-based row of the data, null where a whole column or the frame fails. */
  index: number | null;
  severity: Severity;
}>;

export type CheckResult = Readonly<{
  schema_context: SchemaContext;
  column: string | null;
  check: string | null;
  check_number: number | null;
  severity: Severity;
  status: "passed" | "failed";
  checked: number;
  failed: number;
  listed: number;
}>;

/** The document of `duetmind validate --json` (reference: cli.md, section 2). */
export type ValidationReport = Readonly<{
  schema_version: 1;
  valid: boolean;
  schema: string | null;
  row_count: number;
  checks: readonly CheckResult[];
  failures: readonly FailureCase[];
  /** Cases that leave `valid` true: warnings, what `mostly` tolerates, rows that the contract drops. */
  warnings: readonly FailureCase[];
  counts: Readonly<{
    failures: number;
    listed: number;
    failed_checks: number;
    failed_rows: number;
    dropped_rows: number;
    by_reason: Readonly<Partial<Record<Reason, number>>>;
  }>;
}>;
