import type { MeasuredColumn } from "../table/measure-relation.ts";
import type { DatasetRecord } from "./data-record.ts";

type ColumnStatistics = DatasetRecord["statistics"][number];

/** One column's statistics for the record; a sensitive column shows no value of its own. */
export function toStatistics(column: MeasuredColumn, isSensitive: boolean): ColumnStatistics {
  return {
    name: column.name,
    type: column.type,
    missing: column.missing,
    distinct: column.distinct,
    min: isSensitive ? null : shown(column, column.min),
    max: isSensitive ? null : shown(column, column.max),
    mean: column.mean,
    std: column.std,
    digest: column.digest,
    masked: isSensitive,
  };
}

/** Times as ISO 8601 has them, not as the engine writes them. */
function shown({ type }: MeasuredColumn, value: MeasuredColumn["min"]): MeasuredColumn["min"] {
  if (typeof value !== "string" || !type.startsWith("datetime64")) return value;
  return value.replace(" ", "T").replace(/\+00$/, "Z");
}
