import type { CountedColumn, DuplicateCounts } from "../table/count-relation.ts";
import type { Relation } from "../table/relation.ts";
import type { DatasetQuality } from "./data-record.ts";

/**
 * Quality of a dataset. Its score is the share of good cells,
 *
 *     score = max(0, present cells of rows that are no duplicates − invalid cells) ÷ all cells
 *
 * where all cells = rows × columns; a cell is present when it is neither null nor NaN; a row is a
 * duplicate when an earlier row has the same key, or without a key the same values; and the invalid
 * cells of a column are those of the contract's check that the most of its values fail, warnings
 * included (so a cell that fails two checks counts once). 100 × 10 cells of which 5 are missing and
 * 3 invalid, with 2 duplicate rows (full): (1000 − 5 − 20 − 3) ÷ 1000 = 0.972.
 */
export function toQuality(
  relation: Relation,
  columns: readonly CountedColumn[],
  duplicates: DuplicateCounts,
  invalidCells: number,
): DatasetQuality {
  const cells = relation.rowCount * relation.columns.length;
  const missing = columns.reduce((sum, column) => sum + column.missing, 0);
  return {
    missing_cells: missing,
    duplicate_rows: duplicates.duplicateRows,
    invalid_cells: invalidCells,
    cells,
    score: cells === 0 ? 0 : Math.max(0, duplicates.presentCells - invalidCells) / cells,
  };
}

type CheckCounts = Readonly<{ column: string | null; check: string | null; failed: number }>;

/** Invalid cells by a contract's report; missing values are counted as missing, not as invalid. */
export function countInvalidCells(checks: readonly CheckCounts[]): number {
  const worst = new Map<string, number>();
  for (const { column, check, failed } of checks) {
    if (column === null || check === "not_nullable") continue;
    worst.set(column, Math.max(worst.get(column) ?? 0, failed));
  }
  return [...worst.values()].reduce((sum, failed) => sum + failed, 0);
}
