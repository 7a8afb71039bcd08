/** A matrix that is kept row by row, `columns` values each, turned round: kept column by column. */
export function transpose<T extends Float32Array | Int8Array>(values: T, columns: number): T {
  const rows = values.length / columns;
  const turned = values.slice() as T;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = values[row * columns + column]!;
    }
  }
  return turned;
}
