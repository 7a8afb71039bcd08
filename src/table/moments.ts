/**
 * Moments that can be merged: count, mean and the sums of powers of the distances from it (Chan, Golub
 * and LeVeque 1979 for the second power, Pébay 2008 for the third). Parts merged in any order give what
 * one pass over the whole gives, up to rounding.
 */
export type Moments = Readonly<{ count: number; mean: number; m2: number; m3: number }>;

export const NO_MOMENTS: Moments = { count: 0, mean: 0, m2: 0, m3: 0 };

/** From the sums of `x - shift`, its square and its cube. A shift near the mean keeps the digits. */
export function fromPowerSums(
  count: number,
  shift: number,
  [s1, s2, s3]: readonly [number, number, number],
): Moments {
  if (count === 0) return NO_MOMENTS;
  const d = s1 / count;
  return {
    count,
    mean: shift + d,
    m2: Math.max(0, s2 - d * s1),
    m3: s3 - 3 * d * s2 + 2 * d * d * s1,
  };
}

export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const d = b.mean - a.mean;
  const cross = (a.count * b.count) / count;
  return {
    count,
    mean: a.mean + (d * b.count) / count,
    m2: a.m2 + b.m2 + d * d * cross,
    m3:
      a.m3 +
      b.m3 +
      (d * d * d * cross * (a.count - b.count)) / count +
      (3 * d * (a.count * b.m2 - b.count * a.m2)) / count,
  };
}

/** Of the sample (n - 1); null for fewer than two values. */
export function standardDeviation({ count, m2 }: Moments): number | null {
  return count < 2 ? null : Math.sqrt(m2 / (count - 1));
}

/** Fisher's coefficient g1; null where all values are the same. */
export function skewness({ count, m2, m3 }: Moments): number | null {
  return count === 0 || m2 === 0 ? null : (Math.sqrt(count) * m3) / m2 ** 1.5;
}
