import { DuetMindError } from "../core/errors.ts";
import { nearestHint } from "../core/nearest.ts";
import type { DatabaseColumn } from "./database-rows.ts";

/** Like most databases, DuckDB tells names apart without case. */
export function checkColumns(columns: readonly DatabaseColumn[], subject: string): void {
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    const before = seen.get(name.toLowerCase());
    if (before !== undefined) {
      const got = before === name ? `"${name}" twice` : `"${before}" and "${name}"`;
      throw new DuetMindError(
        "BAD_INPUT",
        `${subject}: expected column names that differ (by more than case), got ${got}`,
        { hint: "name the columns in a query, with AS" },
      );
    }
    seen.set(name.toLowerCase(), name);
  }
  if (columns.length > 0) return;
  throw new DuetMindError("BAD_INPUT", `${subject}: expected columns, got none`);
}

/** Every column that `order_by` names is there. */
export function checkOrder(
  order: readonly string[],
  columns: readonly DatabaseColumn[],
  subject: string,
): void {
  const names = columns.map(({ name }) => name);
  for (const name of order) {
    if (!names.includes(name)) throw columnMissing(`${subject}.database.order_by`, name, names);
  }
}

/** A column that params.yaml names and the database does not have. */
export function columnMissing(
  subject: string,
  name: string,
  names: readonly string[],
): DuetMindError {
  return new DuetMindError(
    "COLUMN_NOT_FOUND",
    `${subject}: expected a column of the data, got "${name}"`,
    nearestHint(name, names),
  );
}

/** A table that params.yaml names and the database does not have. */
export function tableMissing(
  subject: string,
  name: string,
  names: readonly string[],
): DuetMindError {
  return new DuetMindError(
    "NOT_FOUND",
    `${subject}.database.table: expected a table or view of the database, got "${name}"`,
    nearestHint(name, names),
  );
}
