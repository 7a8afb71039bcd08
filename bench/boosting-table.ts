import { createRandom } from "../src/core/random.ts";
import { type Matrix, toMatrix } from "../src/models/matrix.ts";

/** Rows to train on, then rows that no fit sees. */
export type BenchTable = Readonly<{
  matrix: Matrix;
  labels: Float64Array;
  trainRows: number;
}>;

export type TableShape = Readonly<{ trainRows: number; testRows: number; columns: number }>;

/**
 * Normal features and a label whose odds hold products of features. With `mainEffects` the features of
 * a product have an effect of their own too; without, one of them alone says nothing about the label,
 * which is the hardest case for a tree: its first splits on them are a coin toss.
 */
export function makeBenchTable(
  seed: string,
  { trainRows, testRows, columns: count }: TableShape,
  mainEffects: boolean,
): BenchTable {
  const rows = trainRows + testRows;
  const random = createRandom(seed);
  const columns = Array.from({ length: count }, () => {
    const column = new Float64Array(rows);
    for (let row = 0; row < rows; row++) column[row] = random.normal();
    return column;
  });
  const labels = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const x = (f: number) => columns[f]![row]!;
    const mains = mainEffects ? 0.4 * (x(1) - x(2) + x(4) + x(5)) + 0.3 * x(6) : 0;
    const odds = x(0) + mains + x(1) * x(2) + 0.5 * Math.sin(3 * x(3)) + 0.5 * x(4) * x(5);
    labels[row] = random.uniform() < 1 / (1 + Math.exp(-odds)) ? 1 : 0;
  }
  const names = columns.map((_, f) => `x${f}`);
  return { matrix: toMatrix(names, columns), labels, trainRows };
}
