import { DuetMindError } from "../core/errors.ts";
import { nearestName } from "../core/nearest.ts";

/** A raw column as planning sees it. */
export type ColumnInfo = Readonly<{
  name: string;
  /** pandas' name. */
  type: string;
  duckdbType?: string;
  /** Values that show why a text column is not a number; masked where the contract says so. */
  examples?: readonly string[];
}>;

export type ColumnClass = "number" | "boolean" | "text" | "datetime" | "other";

/** What a column can be used as. */
export function columnClass(column: Pick<ColumnInfo, "type" | "duckdbType">): ColumnClass {
  if (/^(u?int|float)\d+$/.test(column.type)) return "number";
  if (/^(DECIMAL|U?HUGEINT|UBIGINT)/.test(column.duckdbType ?? "")) return "number";
  if (column.type === "bool") return "boolean";
  if (column.type === "str" || column.type === "category") return "text";
  if (column.type === "date" || column.type.startsWith("datetime64")) return "datetime";
  return "other";
}

/** Finds a column by its exact name, or throws COLUMN_NOT_FOUND with the nearest one. */
export function findColumn<T extends Readonly<{ name: string }>>(
  columns: readonly T[],
  name: string,
  subject: string,
): T {
  const found = columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  const near = nearestName(
    name,
    columns.map((column) => column.name),
  );
  throw new DuetMindError(
    "COLUMN_NOT_FOUND",
    `${subject}: expected a column of the data, got "${name}"${
      near === undefined ? "" : `; did you mean "${near}"?`
    }`,
    {
      hint: `the data has: ${columns.map((column) => column.name).join(", ")}`,
      path: subject,
    },
  );
}

/** Says that a column is of the wrong type, with values that show it. */
export function columnTypeError(
  subject: string,
  column: ColumnInfo,
  expected: string,
  hint?: string,
): DuetMindError {
  const examples = column.examples ?? [];
  const such =
    examples.length === 0 ? "" : ` (such as ${examples.map((e) => JSON.stringify(e)).join(", ")})`;
  return new DuetMindError(
    "COLUMN_TYPE",
    `${subject}: expected ${expected} in column "${column.name}", got ${column.type}${such}`,
    { path: subject, ...(hint === undefined ? {} : { hint }) },
  );
}
