import type { Severity } from "./contract.ts";

/** What a contract asks of a table as a whole; Pandera does not look at it. */
export type TableChecks = Readonly<{
  row_count?: Readonly<{ min: number; max: number | null; severity: Severity }>;
  /** The newest value of a column of times is at most so old. */
  freshness?: Readonly<{ column: string; max_age: string; severity: Severity }>;
  /** Every row of a subject is in one split. */
  no_subject_in_two_splits?: Readonly<{ subject: string; split: string; severity: Severity }>;
}>;

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
