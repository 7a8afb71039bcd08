import type { CheckName } from "./check-catalog.ts";
import type { TableChecks } from "./table-checks.ts";

/**
 * A data contract: Pandera's schema with every default filled in, and what DuetMind adds (`mostly`,
 * `severity`, `sensitivity`). Integers are bigints and floats are numbers, because a contract's check
 * ids tell `1` from `1.0`.
 */
export type Contract = Readonly<{
  name: string | null;
  title: string | null;
  description: string | null;
  dtype: string | null;
  coerce: boolean;
  strict: boolean | "filter";
  ordered: boolean;
  /** Sets of columns whose values together identify a row; only the first broken one is reported. */
  unique: readonly (readonly string[])[] | null;
  reportDuplicates: ReportDuplicates;
  uniqueColumnNames: boolean;
  addMissingColumns: boolean;
  dropInvalidRows: boolean;
  index: readonly IndexContract[] | null;
  multiindex: Readonly<Record<string, ContractValue>> | null;
  checks: readonly Check[];
  /** What a change of the columns means; null where the contract says nothing of it. */
  evolution: Evolution | null;
  /** What is asked of the table as a whole. */
  tableChecks: TableChecks | null;
  /** In the order of the file. */
  columns: readonly ColumnContract[];
}>;

/**
 * What a change of the columns between two versions of the data means: it fails, a new column is taken
 * in (a removed one is kept, as nulls), or the change is ignored.
 */
export type SchemaAction = "fail" | "add" | "ignore";
export type Evolution = Readonly<{
  added: SchemaAction;
  removed: SchemaAction;
  retyped: Exclude<SchemaAction, "add">;
}>;

/** A new column is welcome; one that is gone or of another type is not. */
export const DEFAULT_EVOLUTION: Evolution = { added: "add", removed: "fail", retyped: "fail" };

export type ContractValue = string | number | bigint | boolean | null;
export type ReportDuplicates = "all" | "exclude_first" | "exclude_last";
export type Severity = "error" | "warning";
/** Values of such a column are shown as a keyed digest, never in clear. */
export type Sensitivity = "identifier" | "phi";

export type FieldContract = Readonly<{
  name: string | null;
  title: string | null;
  description: string | null;
  dtype: string | null;
  nullable: boolean;
  unique: boolean;
  coerce: boolean;
  default: ContractValue;
  reportDuplicates: ReportDuplicates;
  dropInvalidRows: boolean;
  sensitivity: Sensitivity | null;
  checks: readonly Check[];
}>;

export type ColumnContract = FieldContract &
  Readonly<{ name: string; required: boolean; regex: boolean }>;
export type IndexContract = FieldContract;

export type Check = Readonly<{
  name: CheckName;
  /** The check's arguments by Pandera's names, defaults filled in. */
  statistics: Readonly<Record<string, ContractValue | readonly ContractValue[]>>;
  options: CheckOptions;
}>;

export type CheckOptions = Readonly<{
  ignoreNa: boolean;
  /** Kept for Pandera's sake: a built-in check finds the same value by value. */
  elementWise: boolean;
  raiseWarning: boolean;
  nFailureCases: number | null;
  name: string | null;
  /** What a report calls the check instead of its id. */
  error: string | null;
  groupby: readonly string[] | null;
  groups: readonly string[] | null;
  /** The check passes when at least this share of its non-null values passes. */
  mostly: number | null;
  severity: Severity;
}>;

export const DEFAULT_OPTIONS: CheckOptions = {
  ignoreNa: true,
  elementWise: false,
  raiseWarning: false,
  nFailureCases: null,
  name: null,
  error: null,
  groupby: null,
  groups: null,
  mostly: null,
  severity: "error",
};

export const EMPTY_CONTRACT: Contract = {
  name: null,
  title: null,
  description: null,
  dtype: null,
  coerce: false,
  strict: false,
  ordered: false,
  unique: null,
  reportDuplicates: "all",
  uniqueColumnNames: false,
  addMissingColumns: false,
  dropInvalidRows: false,
  index: null,
  multiindex: null,
  checks: [],
  evolution: null,
  tableChecks: null,
  columns: [],
};

/** A column of a contract that says nothing yet but its name. */
export function emptyColumn(name: string): ColumnContract {
  return {
    name,
    title: null,
    description: null,
    dtype: null,
    nullable: false,
    unique: false,
    coerce: false,
    required: true,
    regex: false,
    default: null,
    reportDuplicates: "all",
    dropInvalidRows: false,
    sensitivity: null,
    checks: [],
  };
}
