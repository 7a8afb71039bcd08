import { DuetMindError } from "../core/errors.ts";
import { show } from "../core/parse.ts";
import type { ClassLabel } from "../features/feature-view.ts";
import type { Task } from "../models/learner.ts";
import type { ModelParams } from "../models/params.ts";
import type { Column } from "../table/columns.ts";

/** What is to be learned: the task, and the label of each class index (none for regression). */
export type TargetPlan = Readonly<{
  task: Task;
  classes: readonly ClassLabel[];
  /** Class index or value of each row, in the order of the column. */
  labels: Float64Array;
}>;

const MOST_NUMBER_CLASSES = 20;
const MOST_CLASSES = 1000;

/**
 * Decides the task from the target's values (all splits): fractions, and numbers with more than 20
 * distinct values, are a regression, anything else is classes. Throws TARGET_INVALID for what cannot be learned.
 */
export function planTarget(column: Column, type: string, params: ModelParams): TargetPlan {
  const { name } = column;
  const missing = countMissing(column);
  const rowCount = column.kind === "number" ? column.values.length : column.codes.length;
  if (missing > 0) {
    const what = missing === rowCount ? "only missing values" : `${missing} missing values`;
    throw invalid(name, "a value in every row", `${what} of ${rowCount}`);
  }
  const distinct = distinctValues(column);
  if (distinct.length < 2) {
    throw invalid(name, "at least two different values", `only ${show(distinct[0] ?? null)}`);
  }
  const isNumber = column.kind === "number" && type !== "bool";
  const task = params.task === "auto" ? taskOf(distinct, isNumber) : params.task;
  if (task === "regression") {
    if (!isNumber || column.kind !== "number") {
      throw invalid(name, "numbers for a regression", `a column of type ${type}`);
    }
    return { task, classes: [], labels: Float64Array.from(column.values) };
  }
  if (distinct.length > MOST_CLASSES) {
    throw invalid(name, `at most ${MOST_CLASSES} classes`, `${distinct.length} different values`);
  }
  if (task === "binary" && distinct.length !== 2) {
    throw invalid(name, "two classes for task binary", `${distinct.length}`);
  }
  const classes = distinct.map((value) => (type === "bool" ? value === 1 : value));
  const ordered = task === "binary" ? positiveLast(classes, params.positive, name) : classes;
  const place = ordered.map((label) => classes.indexOf(label));
  const indexOfValue = new Map(place.map((from, index) => [distinct[from]!, index]));
  return { task, classes: ordered, labels: labelsOf(column, indexOfValue) };
}

function taskOf(distinct: readonly (number | string)[], isNumber: boolean): Task {
  const isFew = distinct.length <= MOST_NUMBER_CLASSES && distinct.every(Number.isSafeInteger);
  if (isNumber && !isFew) return "regression";
  return distinct.length === 2 ? "binary" : "multiclass";
}

/** Numbers ascending; text in code point order, which the dictionary has. */
function distinctValues(column: Column): (number | string)[] {
  if (column.kind === "number") return [...new Set(column.values)].sort((a, b) => a - b);
  const used = new Set(column.codes);
  return column.dictionary.filter((_, code) => used.has(code));
}

function countMissing(column: Column): number {
  let count = 0;
  if (column.kind === "number") {
    for (const value of column.values) if (Number.isNaN(value)) count += 1;
  } else {
    for (const code of column.codes) if (code < 0 || column.dictionary[code] === "") count += 1;
  }
  return count;
}

function labelsOf(
  column: Column,
  indexOfValue: ReadonlyMap<number | string, number>,
): Float64Array {
  return column.kind === "number"
    ? Float64Array.from(column.values, (value) => indexOfValue.get(value)!)
    : Float64Array.from(column.codes, (code) => indexOfValue.get(column.dictionary[code]!)!);
}

/** The positive class is class 1; without a word the last in order, as in 0 < 1 and "no" < "yes". */
function positiveLast(
  classes: readonly ClassLabel[],
  positive: ClassLabel | undefined,
  name: string,
): readonly ClassLabel[] {
  if (positive === undefined) return classes;
  const found = classes.find((label) => label === positive || String(label) === String(positive));
  if (found === undefined) {
    throw new DuetMindError(
      "CONFIG_INVALID",
      `params.yaml: model.positive: expected ${classes.map(show).join(" or ")} (a value of ${name}), got ${show(positive)}`,
      { file: "params.yaml", path: "model.positive" },
    );
  }
  return [...classes.filter((label) => label !== found), found];
}

function invalid(name: string, expected: string, got: string): DuetMindError {
  return new DuetMindError("TARGET_INVALID", `target ${name}: expected ${expected}, got ${got}`, {
    hint: "choose another target in params.yaml: features.target",
  });
}
