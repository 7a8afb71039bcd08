import type { ColumnType } from "./database-rows.ts";
import type { SqliteFacts } from "./sqlite-queries.ts";

/**
 * The type of a SQLite column. SQLite lets any row hold any kind of value, whatever CREATE TABLE says,
 * so the values decide, and the declaration where they leave a choice: whole numbers in a column of
 * decimals, 0 and 1 in a column of flags, text in a column of dates. Undefined where blobs stand beside
 * other values: those have no common type that keeps both.
 */
export function toSqliteType(declared: string, facts: SqliteFacts): ColumnType | undefined {
  const { integers, reals, texts, blobs } = facts;
  const affinity = affinityOf(declared);
  if (blobs > 0) return integers + reals + texts > 0 ? undefined : "BLOB";
  if (texts > 0) {
    if (integers + reals > 0) return "VARCHAR";
    if (affinity === "date" && facts.notDates === 0) return "DATE";
    return affinity === "timestamp" && facts.notTimes === 0 ? "TIMESTAMP" : "VARCHAR";
  }
  if (reals > 0) return facts.large > 0 ? "VARCHAR" : "DOUBLE";
  if (integers > 0) {
    if (affinity === "boolean" && facts.notFlags === 0) return "BOOLEAN";
    return affinity === "numeric" && facts.large === 0 ? "DOUBLE" : "BIGINT";
  }
  return WITHOUT_VALUES[affinity];
}

type Affinity = keyof typeof WITHOUT_VALUES;

const WITHOUT_VALUES = {
  integer: "BIGINT",
  text: "VARCHAR",
  blob: "BLOB",
  none: "VARCHAR",
  real: "DOUBLE",
  boolean: "BOOLEAN",
  date: "DATE",
  timestamp: "TIMESTAMP",
  numeric: "DOUBLE",
} as const satisfies Record<string, ColumnType>;

/** SQLite's own rules by their order; what it calls numeric is told apart by its usual names. */
export function affinityOf(declared: string): Affinity {
  const type = declared.toUpperCase();
  if (type.includes("INT")) return "integer";
  if (/CHAR|CLOB|TEXT/.test(type)) return "text";
  if (type === "") return "none";
  if (type.includes("BLOB")) return "blob";
  if (/REAL|FLOA|DOUB/.test(type)) return "real";
  if (type.includes("BOOL")) return "boolean";
  if (/DATETIME|TIMESTAMP/.test(type)) return "timestamp";
  return type.includes("DATE") ? "date" : "numeric";
}
