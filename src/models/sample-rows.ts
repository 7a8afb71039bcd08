import type { Random } from "../core/random.ts";

/** `size` of `rowCount` row numbers without replacement, ascending (Knuth's selection sampling). */
export function sampleRows(rowCount: number, size: number, random: Random): Uint32Array {
  const taken = new Uint32Array(size);
  if (size === rowCount) {
    for (let row = 0; row < rowCount; row++) taken[row] = row;
    return taken;
  }
  let count = 0;
  for (let row = 0; count < size; row++) {
    if (random.uniform() * (rowCount - row) < size - count) taken[count++] = row;
  }
  return taken;
}
