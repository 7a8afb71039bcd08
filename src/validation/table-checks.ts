import type { Severity } from "./contract.ts";

/** What a contract asks of a table as a whole; Pandera does not look at it. */
export type TableChecks = Readonly<{
  row_count?: Readonly<{ min: number; max: number | null; severity: Severity }>;
  /** The newest value of a column of times is at most so old. */
  freshness?: Readonly<{ column: string; max_age: string; severity: Severity }>;
  /** Every row of a subject is in one split. */
  no_subject_in_two_splits?: Readonly<{ subject: string; split: string; severity: Severity }>;
  foreign_key?: readonly ForeignKey[];
  unique_share?: readonly UniqueShare[];
}>;

/** The table that a foreign key looks into: a raw dataset of the project, or a file. */
export type Reference = Readonly<{ dataset: string } | { file: string }>;

/** What stands in these columns stands in those of another table, in the same order; nulls refer to nothing. */
export type ForeignKey = Reference &
  Readonly<{ columns: readonly string[]; references: readonly string[]; severity: Severity }>;

/** Different combinations of values in these columns, as a share of the rows. */
export type UniqueShare = Readonly<{
  columns: readonly string[];
  min: number;
  severity: Severity;
}>;

/** The raw datasets that foreign keys look into, each once. */
export function referencedDatasets(checks: TableChecks | null): readonly string[] {
  const named = (checks?.foreign_key ?? []).flatMap((key) => ("dataset" in key ? key.dataset : []));
  return [...new Set(named)];
}

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `2d` in milliseconds. */
export function ageMs(age: string): number {
  return Number(age.slice(0, -1)) * UNIT_MS[age.at(-1)!]!;
}
