import { DuetMindError } from "../core/errors.ts";
import { nearestHint } from "../core/nearest.ts";
import type { ColumnType, DatabaseColumn, DatabaseRequest } from "./database-rows.ts";

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

/** A column with what the person is told about how its values are read. */
type NotedColumn = DatabaseColumn & Readonly<{ note?: string }>;

/**
 * The column that bounds the rows which a server is asked for; null for all rows. What a server and this
 * machine order in two ways, such as numbers that are kept as text, would lose rows as a watermark.
 */
export function boundColumn<Column extends NotedColumn>(
  { sync: { since, sinceColumn, params }, subject }: Pick<DatabaseRequest, "sync" | "subject">,
  columns: readonly Column[],
): Column | null {
  if (sinceColumn === null) return null;
  const found = columns.find(({ name }) => name === sinceColumn);
  const at = `${subject}.incremental.watermark`;
  if (found === undefined) {
    const names = columns.map(({ name }) => name);
    throw columnMissing(at, sinceColumn, names);
  }
  const isDeclared = params.types[sinceColumn] !== undefined;
  if (!isDeclared && (found.note !== undefined || found.type === "BLOB")) {
    throw new DuetMindError(
      "COLUMN_TYPE",
      `${at}: expected a column that is ordered here as there, got one that is not: ${found.note ?? `column "${sinceColumn}" holds bytes`}`,
      {
        path: at,
        hint: `cast it in a query, or say what it holds with types: {${sinceColumn}: int64}`,
      },
    );
  }
  if (since === null || (isDeclared && !isAsRead(found.type, since))) return null;
  return found;
}

/** Whether a watermark of a declared type is still one of the type that the database has. */
function isAsRead(type: ColumnType, since: string): boolean {
  if (type.startsWith("TIMESTAMP")) return /^\d{4,}-/.test(since);
  return /INT/.test(type) && /^-?\d+$/.test(since);
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
