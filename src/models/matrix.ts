import { DuetMindError } from "../core/errors.ts";

/**
 * Features as learners and scorers see them: one Float32Array a column, NaN where missing.
 * Values are rounded to float32 once, here, so that our walker and an ONNX scorer, which compares in
 * float32, take the same branch at every threshold. Infinities become the largest finite float32.
 */
export type Matrix = Readonly<{
  rowCount: number;
  names: readonly string[];
  columns: readonly Float32Array[];
}>;

/** `labels` holds class indices (0 … classCount - 1) or, for regression, the target itself. */
export type LabelledMatrix = Readonly<{ matrix: Matrix; labels: Float64Array }>;

export const LARGEST_FLOAT32 = 3.4028234663852886e38;

/** Rounds float64 columns to a matrix. Names must be unique: a learner tells columns apart by name. */
export function toMatrix(
  names: readonly string[],
  columns: readonly ArrayLike<number>[],
  rowCount: number = columns[0]?.length ?? 0,
): Matrix {
  if (new Set(names).size !== names.length || names.length !== columns.length) {
    throw new DuetMindError(
      "BAD_INPUT",
      `matrix: expected one unique name a column, got ${names.length} names for ${columns.length} columns`,
    );
  }
  const uneven = columns.findIndex((column) => column.length !== rowCount);
  if (uneven >= 0) {
    throw new DuetMindError(
      "BAD_INPUT",
      `matrix: ${names[uneven]}: expected ${rowCount} values, got ${columns[uneven]!.length}`,
    );
  }
  return { rowCount, names: [...names], columns: columns.map(roundColumn) };
}

function roundColumn(values: ArrayLike<number>): Float32Array {
  const rounded = Float32Array.from(values);
  for (let i = 0; i < rounded.length; i++) {
    if (rounded[i] === Number.POSITIVE_INFINITY) rounded[i] = LARGEST_FLOAT32;
    else if (rounded[i] === Number.NEGATIVE_INFINITY) rounded[i] = -LARGEST_FLOAT32;
  }
  return rounded;
}

/** The rows of a matrix at the given positions, in that order. */
export function takeRows(matrix: Matrix, rows: ArrayLike<number>): Matrix {
  return {
    rowCount: rows.length,
    names: matrix.names,
    columns: matrix.columns.map((column) => {
      const taken = new Float32Array(rows.length);
      for (let i = 0; i < rows.length; i++) taken[i] = column[rows[i]!]!;
      return taken;
    }),
  };
}

/** Positions of the names in sorted order: what makes a learner blind to the order of columns. */
export function nameOrder(names: readonly string[]): number[] {
  return names
    .map((_, index) => index)
    .sort((a, b) => (names[a]! < names[b]! ? -1 : names[a]! > names[b]! ? 1 : 0));
}
