import { type Measured, measure, onceEach } from "./measure.ts";
import { type Predictions, prepare, takePredictions } from "./predictions.ts";

/** A raw column by whose values metrics are taken apart; code -1 is a missing value. */
export type SliceColumn = Readonly<{
  name: string;
  codes: Int32Array;
  dictionary: readonly string[];
}>;

export type SliceReport = Measured &
  Readonly<{ column: string; value: string | null; row_count: number }>;

/** Of a column with more values than this, the commonest are reported. */
const MOST_SLICES = 50;

/** Metrics for each value of a column, in the order of the values, the missing one last. */
export function sliceMetrics(predictions: Predictions, column: SliceColumn): SliceReport[] {
  const rowsOf = new Map<number, number[]>();
  column.codes.forEach((code, row) => {
    const rows = rowsOf.get(code);
    if (rows === undefined) rowsOf.set(code, [row]);
    else rows.push(row);
  });
  return Array.from(rowsOf, ([code, rows]) => ({ value: column.dictionary[code] ?? null, rows }))
    .sort((a, b) => b.rows.length - a.rows.length || byValue(a.value, b.value))
    .slice(0, MOST_SLICES)
    .sort((a, b) => byValue(a.value, b.value))
    .map(({ value, rows }) => {
      const measured = measure(prepare(takePredictions(predictions, rows)), onceEach(rows.length));
      return { column: column.name, value, row_count: rows.length, ...measured };
    });
}

function byValue(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}
