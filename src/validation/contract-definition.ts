import type { Evolution, ReportDuplicates, Sensitivity, Severity } from "./contract.ts";
import type { DtypeName } from "./dtype-name.ts";

/**
 * A contract as a person writes it in TypeScript: the keys and words of the YAML, so that one can be
 * copied into the other. `parseContract` reads it like the file, with the same errors.
 */
export type Literal = string | number | bigint | boolean;

/** What may stand among the arguments of a check. */
export type CheckOptionsDefinition = Readonly<{
  ignore_na?: boolean;
  element_wise?: boolean;
  raise_warning?: boolean;
  n_failure_cases?: number;
  name?: string;
  error?: string;
  groupby?: string | readonly string[];
  groups?: string | readonly string[];
  mostly?: number;
  severity?: Severity;
}>;

type Literals = readonly (Literal | null)[];
type Equal = { value: Literal };
type Above = { min_value: Literal };
type Below = { max_value: Literal };
type Range = Above & Below & { include_min?: boolean; include_max?: boolean };

/** The arguments of each check by Pandera's names. */
type CheckArguments = {
  equal_to: Equal;
  eq: Equal;
  not_equal_to: Equal;
  ne: Equal;
  greater_than: Above;
  gt: Above;
  greater_than_or_equal_to: Above;
  ge: Above;
  less_than: Below;
  lt: Below;
  less_than_or_equal_to: Below;
  le: Below;
  in_range: Range;
  between: Range;
  isin: { allowed_values: Literals };
  notin: { forbidden_values: Literals };
  str_matches: { pattern: string };
  str_contains: { pattern: string };
  str_startswith: { string: string };
  str_endswith: { string: string };
  str_length: { min_value?: number; max_value?: number; exact_value?: number };
  unique_values_eq: { values: Literals };
};

type WithOptions<Arguments> = Readonly<Arguments> & CheckOptionsDefinition;

/** The value of a check that one value says all of; a length alone is the exact one. */
type Sole<Arguments> = Arguments extends Range
  ? never
  : Exclude<Arguments[keyof Arguments], undefined>;

/** A check is its value, or its arguments beside options. */
export type FlatChecks = {
  readonly [name in keyof CheckArguments]?:
    | Sole<CheckArguments[name]>
    | WithOptions<CheckArguments[name]>
    | WithOptions<{ value: Sole<CheckArguments[name]> }>;
};

/** The list form, in which a check may stand twice: `{min_value: 0, options: {check_name: "gt"}}`. */
export type ListedCheck = {
  [name in keyof CheckArguments]: Readonly<CheckArguments[name]> &
    Readonly<{ options: Readonly<{ check_name: name }> & CheckOptionsDefinition }>;
}[keyof CheckArguments];

type FieldDefinition = FlatChecks &
  Readonly<{
    dtype?: DtypeName | null;
    nullable?: boolean;
    unique?: boolean;
    coerce?: boolean;
    default?: Literal | null;
    report_duplicates?: ReportDuplicates;
    drop_invalid_rows?: boolean;
    sensitivity?: Sensitivity | null;
    title?: string | null;
    description?: string | null;
    checks?: readonly ListedCheck[];
  }>;

export type ColumnDefinition = FieldDefinition & Readonly<{ required?: boolean; regex?: boolean }>;

export type ColumnDefinitions = Readonly<Record<string, ColumnDefinition>>;

/** Keys that `Known` does not have become errors: a type parameter alone would let them pass. */
type NoOther<Given, Known> = { readonly [key in Exclude<keyof Given, keyof Known>]: never };

/** What is asked of the table as a whole, each as `docs/contracts.md` describes it. */
export type TableChecksDefinition = Readonly<{
  row_count?: Readonly<{ min?: number; max?: number | null; severity?: Severity }>;
  freshness?: Readonly<{ column: string; max_age: string; severity?: Severity }>;
  no_subject_in_two_splits?: Readonly<{ subject: string; split: string; severity?: Severity }>;
  foreign_key?: ForeignKeyDefinition | readonly ForeignKeyDefinition[];
  unique_share?: UniqueShareDefinition | readonly UniqueShareDefinition[];
}>;

type Names = string | readonly string[];

type ForeignKeyDefinition = Readonly<{ columns: Names; references?: Names; severity?: Severity }> &
  Readonly<{ dataset: string; file?: never } | { file: string; dataset?: never }>;

type UniqueShareDefinition = Readonly<{ columns: Names; min: number; severity?: Severity }>;

/** What holds for the levels of an index together. */
export type MultiIndexDefinition = Readonly<{
  name?: string | null;
  coerce?: boolean;
  strict?: boolean | "filter";
  ordered?: boolean;
}>;

export type ContractDefinition<
  Columns extends ColumnDefinitions = ColumnDefinitions,
  FrameDtype extends DtypeName = DtypeName,
> = Readonly<{
  columns: Columns & { readonly [name in keyof Columns]: NoOther<Columns[name], ColumnDefinition> };
  checks?: readonly ListedCheck[];
  index?: readonly (FieldDefinition & Readonly<{ name?: string | null }>)[] | null;
  /** Of every column, whatever dtype it has itself. */
  dtype?: FrameDtype | null;
  coerce?: boolean;
  strict?: boolean | "filter";
  ordered?: boolean;
  unique?: string | readonly string[] | readonly (readonly string[])[] | null;
  report_duplicates?: ReportDuplicates;
  unique_column_names?: boolean;
  add_missing_columns?: boolean;
  drop_invalid_rows?: boolean;
  name?: string | null;
  title?: string | null;
  description?: string | null;
  evolution?: Partial<Evolution>;
  multiindex?: MultiIndexDefinition | null;
  table_checks?: TableChecksDefinition;
}>;
