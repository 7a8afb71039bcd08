import type { ColumnCounts } from "../table/count-relation.ts";
import type { ScannedColumn } from "../table/scan-relation.ts";
import type { DatasetRecord } from "./data-record.ts";

type ColumnStatistics = DatasetRecord["statistics"][number];

/** One column's statistics for the record; a sensitive column shows no value of its own. */
export function toStatistics(
  scanned: ScannedColumn,
  counts: ColumnCounts,
  isSensitive: boolean,
): ColumnStatistics {
  return {
    name: scanned.name,
    type: scanned.type,
    missing: counts.missing,
    distinct: counts.distinct,
    min: isSensitive ? null : (scanned.min ?? counts.min),
    max: isSensitive ? null : (scanned.max ?? counts.max),
    mean: scanned.mean,
    std: scanned.std,
    digest: scanned.digest,
    masked: isSensitive,
  };
}
