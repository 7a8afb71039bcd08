import { id, lit, type Sql, sql } from "../table/sql.ts";
import type { ContractValue } from "./contract.ts";
import { placeDatetime } from "./datetime-sql.ts";
import type { Dtype } from "./dtype.ts";
import { shownDuration } from "./duration.ts";

/** A column of the data, with NaN as NULL. */
export function columnSql(name: string, dtype: Dtype): Sql {
  return dtype.kind === "float" ? sql`nullif(${id(name)}, 'nan')` : id(name);
}

/** A value as a report shows it: numbers, booleans and text as they are, times as ISO text. */
export function shownSql(value: Sql, dtype: Dtype): Sql {
  switch (dtype.kind) {
    case "int":
    case "float":
    case "bool":
      return value;
    case "decimal":
      return sql`(${value})::DOUBLE`;
    case "timedelta":
      return shownDuration(value);
    case "datetime":
      return dtype.zone === null
        ? sql`replace((${value})::VARCHAR, ' ', 'T')`
        : sql`replace(replace((${value})::VARCHAR, ' ', 'T'), '+00', 'Z')`;
    default:
      return sql`(${value})::VARCHAR`;
  }
}

/** What a column of a type can equal, or undefined: `1` is never a text, `true` is 1 to a number. */
export function literalSql(value: ContractValue, dtype: Dtype): Sql | undefined {
  switch (dtype.kind) {
    case "int":
    case "float":
    case "bool":
    case "decimal":
      return numberSql(value, dtype);
    case "text":
    case "category":
      return typeof value === "string" ? lit(value) : undefined;
    case "datetime":
    case "date": {
      const placed = typeof value === "string" ? placeDatetime(value, dtype) : undefined;
      return placed?.place === "at" ? placed.sql : undefined;
    }
    default:
      return undefined;
  }
}

function numberSql(value: ContractValue, dtype: Dtype): Sql | undefined {
  if (typeof value === "string" || value === null) return undefined;
  const number = typeof value === "boolean" ? BigInt(value) : value;
  // numpy rounds the literal to the width of the column before it compares
  if (dtype.kind === "float" && dtype.bits === 32) return sql`${lit(number)}::FLOAT`;
  return lit(number);
}

/** The column's value in the form that its literals are compared with. */
export function comparableSql(value: Sql, dtype: Dtype): Sql {
  if (dtype.kind === "bool") return sql`(${value})::TINYINT`;
  if (dtype.kind === "date") return sql`(${value})::TIMESTAMP`;
  if (dtype.kind === "timedelta") return sql`epoch_ns(${value})`;
  return value;
}
