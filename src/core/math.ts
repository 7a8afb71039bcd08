/**
 * exp and log that give the same bits on every platform: only +, -, ×, ÷ and exact powers of two are
 * used, each of which IEEE 754 defines to the last bit. Math.exp and Math.log may differ by engine.
 *
 * Method: argument reduction to a small interval, then a Taylor series long enough that its remainder
 * is below half a unit in the last place. Error below 1 ulp (test/core/math.test.ts measures it
 * against 30-digit values).
 */

const LN2_HIGH = 0.6931471803691238; // ln 2, the upper 32 bits: k × LN2_HIGH is exact
const LN2_LOW = 1.9082149292705877e-10; // ln 2 - LN2_HIGH

const words = new DataView(new ArrayBuffer(8));

/** 2^k for -1022 <= k <= 1023, exactly. */
function powerOfTwo(k: number): number {
  words.setUint32(0, (k + 1023) << 20);
  words.setUint32(4, 0);
  return words.getFloat64(0);
}

/** e to the power x. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY;
  if (x < -745.1332191019412) return 0;
  // x = k ln 2 + r with |r| <= ln 2 / 2, r kept as r - tail
  const k = Math.round(x / Math.LN2);
  const head = x - k * LN2_HIGH;
  const tail = k * LN2_LOW;
  const r = head - tail;
  // Σ r^n / n! by Horner, n = 13 … 2, then 1 + r + …; the lost part of r comes back to first order
  let sum = 1.6059043836821613e-10;
  sum = sum * r + 2.08767569878681e-9;
  sum = sum * r + 2.505210838544172e-8;
  sum = sum * r + 2.755731922398589e-7;
  sum = sum * r + 2.7557319223985893e-6;
  sum = sum * r + 2.48015873015873e-5;
  sum = sum * r + 1.984126984126984e-4;
  sum = sum * r + 1.388888888888889e-3;
  sum = sum * r + 8.333333333333333e-3;
  sum = sum * r + 4.1666666666666664e-2;
  sum = sum * r + 0.16666666666666666;
  sum = sum * r + 0.5;
  const y = 1 + (r + (r * r * sum + (head - r - tail)));
  if (k > 1023) return y * powerOfTwo(1023) * powerOfTwo(k - 1023);
  if (k >= -1022) return y * powerOfTwo(k);
  return y * powerOfTwo(k + 1000) * powerOfTwo(-1000);
}

/** Natural logarithm. */
export function log(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return x;
  let scaled = x;
  let k = 0;
  if (x < 2.2250738585072014e-308) {
    scaled = x * 18014398509481984; // 2^54: lifts a subnormal
    k = -54;
  }
  words.setFloat64(0, scaled);
  const high = words.getUint32(0);
  k += (high >>> 20) - 1022;
  words.setUint32(0, (high & 0x000fffff) | 0x3fe00000);
  let m = words.getFloat64(0); // in [0.5, 1)
  if (m < Math.SQRT1_2) {
    m *= 2;
    k -= 1;
  }
  // m in [√½, √2): ln m = 2 artanh s, s = (m - 1) / (m + 1), |s| < 0.1716
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  let sum = 2 / 23;
  sum = sum * z + 2 / 21;
  sum = sum * z + 2 / 19;
  sum = sum * z + 2 / 17;
  sum = sum * z + 2 / 15;
  sum = sum * z + 2 / 13;
  sum = sum * z + 2 / 11;
  sum = sum * z + 2 / 9;
  sum = sum * z + 2 / 7;
  sum = sum * z + 2 / 5;
  sum = sum * z + 2 / 3;
  // ln(1 + f) = f - (f²/2 - s (f²/2 + R)), R = z Σ: f itself is exact, so the error stays in the small part
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + z * sum) + k * LN2_LOW) - f);
}

/** ln(1 + x), accurate for small x. */
export function log1p(x: number): number {
  const u = 1 + x;
  if (u === 1) return x;
  if (u === Number.POSITIVE_INFINITY || u <= 0) return log(u);
  return log(u) - (u - 1 - x) / u; // restores what rounding 1 + x lost
}

/** 1 / (1 + e^-x), without overflow at either end. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + exp(-x));
  const e = exp(x);
  return e / (1 + e);
}
