import { DuetMindError } from "../core/errors.ts";
import { nearestName } from "../core/nearest.ts";

export type ColumnFacts = Readonly<{
  name: string;
  type: string;
  /** Distinct values that are not null. */
  distinct: number;
  nulls: number;
  /** Every value that is not null is text such as 2024-05-31 or 2024-05-31 10:00:00. */
  isDateText: boolean;
  /** Whole numbers without a gap, such as a row number. */
  isConsecutive: boolean;
}>;

export type Guess = Readonly<{
  target: string;
  task: "binary" | "multiclass" | "regression";
  /** Sets of columns that may identify a row, the likeliest first. */
  keys: readonly (readonly string[])[];
  /** Whose rows stay together in one split. */
  subject: string | undefined;
  /** Columns that are no features, with the reason. */
  excluded: readonly Readonly<{ column: string; reason: string }>[];
  /** Text columns to read as dates. */
  dates: readonly string[];
}>;

const WHOLE = /^u?int\d+$/;
const ID_NAME = /(^|[_\s-])(id|key|uuid|guid|index|rownum(ber)?)$|Id$|ID$/i;
const SUBJECT_NAME = /(patient|subject|person|participant|customer|client|user|member)/i;

/** Decides what each column of a person's file is. Pure: the counts are given. */
export function guessProject(
  facts: readonly ColumnFacts[],
  rowCount: number,
  target: string,
): Guess {
  const label = facts.find(({ name }) => name === target);
  if (label === undefined) throw unknownTarget(target, facts);
  if (label.distinct < 2) {
    throw new DuetMindError(
      "TARGET_INVALID",
      `--target ${target}: expected at least two values, got ${label.distinct} in ${rowCount} rows`,
    );
  }
  const others = facts.filter(({ name }) => name !== target);
  const ids = others.filter((column) => isId(column, rowCount));
  const dates = others.filter(({ isDateText }) => isDateText);
  const subject =
    others.find(({ name }) => SUBJECT_NAME.test(name) && ID_NAME.test(name)) ??
    ids.find(({ name }) => SUBJECT_NAME.test(name)) ??
    ids[0];
  const excluded = others.flatMap((column) => {
    const reason = exclusion(column, rowCount, ids.includes(column) || column === subject);
    return reason === undefined ? [] : [{ column: column.name, reason }];
  });
  return {
    target,
    task: guessTask(label),
    keys: possibleKeys(subject, ids, dates),
    subject: subject?.name,
    excluded,
    dates: dates.map(({ name }) => name),
  };
}

/** As training decides it for `task: auto`: numbers with more than 20 distinct values are measured. */
function guessTask({ type, distinct }: ColumnFacts): Guess["task"] {
  if (distinct === 2) return "binary";
  return distinct > 20 && /^u?int|^float/.test(type) ? "regression" : "multiclass";
}

function isId(column: ColumnFacts, rowCount: number): boolean {
  if (column.nulls > 0 || column.distinct !== rowCount || rowCount < 2) return false;
  if (column.type === "str") return !column.isDateText;
  return WHOLE.test(column.type) && (ID_NAME.test(column.name) || column.isConsecutive);
}

function possibleKeys(
  subject: ColumnFacts | undefined,
  ids: readonly ColumnFacts[],
  dates: readonly ColumnFacts[],
): string[][] {
  if (subject !== undefined && ids.includes(subject)) return [[subject.name]];
  const dated = dates.map(({ name }) => (subject === undefined ? [name] : [subject.name, name]));
  return [...ids.map(({ name }) => [name]), ...dated];
}

function exclusion(column: ColumnFacts, rowCount: number, isKey: boolean): string | undefined {
  if (column.distinct === 0) return "empty";
  if (isKey) return "identifies a row or a subject";
  if (column.distinct === 1 && column.nulls === 0) return "one value only";
  const isFreeText = column.type === "str" && !column.isDateText && column.distinct > 100;
  return isFreeText && column.distinct > rowCount / 2 ? "free text" : undefined;
}

function unknownTarget(target: string, facts: readonly ColumnFacts[]): DuetMindError {
  const names = facts.map(({ name }) => name);
  const near = nearestName(target, names);
  const shown = names.slice(0, 20).join(", ");
  return new DuetMindError(
    "COLUMN_NOT_FOUND",
    `--target: expected a column of the file, got "${target}"`,
    { hint: near === undefined ? `columns: ${shown}` : `did you mean "${near}"?` },
  );
}
