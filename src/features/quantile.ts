/**
 * Statistics of a column that give the same bits on every run: sums go in row order with Neumaier's
 * compensation, quantiles pick exact order statistics. Values hold no NaN, but for `presentValues`.
 */

/** The values that are not NaN. (TypedArray.filter boxes every value: 50 times slower.) */
export function presentValues(values: Float64Array): Float64Array {
  const present = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    if (!Number.isNaN(x)) {
      present[count] = x;
      count += 1;
    }
  }
  return present.subarray(0, count);
}

/** The arithmetic mean. */
export function mean(values: Float64Array): number {
  return compensatedSum(values, (x) => x) / values.length;
}

/** Population standard deviation (÷ n), in two passes. */
export function standardDeviation(values: Float64Array, center: number): number {
  return Math.sqrt(compensatedSum(values, (x) => (x - center) * (x - center)) / values.length);
}

function compensatedSum(values: Float64Array, term: (x: number) => number): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    const x = term(values[i]!);
    const next = sum + x;
    lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sum = next;
  }
  return sum + lost;
}

/**
 * The quantile q of the values, linear between order statistics (numpy's default, R's type 7).
 * Reorders the values.
 */
export function quantile(values: Float64Array, q: number): number {
  const place = (values.length - 1) * q;
  const below = Math.floor(place);
  const low = orderStatistic(values, below);
  if (place === below) return low;
  let high = Number.POSITIVE_INFINITY;
  for (let i = below + 1; i < values.length; i++) if (values[i]! < high) high = values[i]!;
  return low + (place - below) * (high - low);
}

/**
 * The k-th smallest value (0-based), by Floyd and Rivest's SELECT (CACM 18(3), 1975, algorithm 489):
 * about 1.5 n comparisons where sorting takes n log n. Afterwards values[0..k-1] <= values[k] <= the rest.
 */
export function orderStatistic(values: Float64Array, k: number): number {
  select(values, k, 0, values.length - 1);
  return values[k]!;
}

function select(values: Float64Array, k: number, from: number, to: number): void {
  let left = from;
  let right = to;
  while (right > left) {
    if (right - left > 600) {
      // narrow to a sample's neighbourhood of k first, so that the next pass has almost nothing to do
      const n = right - left + 1;
      const i = k - left + 1;
      const z = Math.log(n);
      const s = 0.5 * Math.exp((2 * z) / 3);
      const sd = 0.5 * Math.sqrt((z * s * (n - s)) / n) * (i < n / 2 ? -1 : 1);
      const newLeft = Math.max(left, Math.floor(k - (i * s) / n + sd));
      const newRight = Math.min(right, Math.floor(k + ((n - i) * s) / n + sd));
      select(values, k, newLeft, newRight);
    }
    const pivot = values[k]!;
    let i = left;
    let j = right;
    swap(values, left, k);
    if (values[right]! > pivot) swap(values, left, right);
    while (i < j) {
      swap(values, i, j);
      i += 1;
      j -= 1;
      while (values[i]! < pivot) i += 1;
      while (values[j]! > pivot) j -= 1;
    }
    if (values[left] === pivot) swap(values, left, j);
    else {
      j += 1;
      swap(values, j, right);
    }
    if (j <= k) left = j + 1;
    if (k <= j) right = j - 1;
  }
}

function swap(values: Float64Array, i: number, j: number): void {
  const held = values[i]!;
  values[i] = values[j]!;
  values[j] = held;
}
