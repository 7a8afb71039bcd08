/**
 * Solves A x = b for a symmetric, positive semi-definite A by Cholesky's method, in place. Only the
 * lower triangle of A (row-major, size × size) is read and it is overwritten.
 *
 * A variable that the ones before it already determine (a constant or repeated column without a
 * penalty) has a pivot of zero; its x is 0, so that one of the equal solutions is always the same.
 */
export function solveSymmetric(a: Float64Array, b: Float64Array): Float64Array {
  const size = b.length;
  const free = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    const rowI = i * size;
    const diagonal = a[rowI + i]!;
    for (let j = 0; j <= i; j++) {
      const rowJ = j * size;
      let sum = a[rowI + j]!;
      for (let k = 0; k < j; k++) sum -= a[rowI + k]! * a[rowJ + k]!;
      if (j < i) a[rowI + j] = free[j] === 1 ? 0 : sum / a[rowJ + j]!;
      else if (sum > 1e-13 * diagonal) a[rowI + i] = Math.sqrt(sum);
      else free[i] = 1;
    }
  }
  const x = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    if (free[i] === 1) continue;
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= a[i * size + k]! * x[k]!;
    x[i] = sum / a[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    if (free[i] === 1) continue;
    let sum = x[i]!;
    for (let k = i + 1; k < size; k++) sum -= a[k * size + i]! * x[k]!;
    x[i] = sum / a[i * size + i]!;
  }
  return x;
}
