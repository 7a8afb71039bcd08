/** Integers and the scale of each of their rows: value ≈ integer · scale. */
export type QuantisedRows = Readonly<{ values: Int8Array; scales: Float32Array }>;

/**
 * Rows of numbers as int8, symmetric around 0: what is largest in a row becomes ±`bound`, so a zero
 * point is not needed and small rows lose no more than large ones.
 */
export function quantiseRows(weights: Float32Array, columns: number, bound: number): QuantisedRows {
  const rows = weights.length / columns;
  const values = new Int8Array(weights.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let largest = 0;
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      largest = Math.max(largest, Math.abs(weights[i]!));
    }
    const scale = largest === 0 ? 1 : largest / bound;
    scales[row] = scale;
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      values[i] = Math.round(weights[i]! / scale);
    }
  }
  return { values, scales };
}
