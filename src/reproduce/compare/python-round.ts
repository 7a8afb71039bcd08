/**
 * Python's `round(x, digits)`: right for the number that is stored, halves to the even neighbour.
 *
 *     pythonRound(0.015625, 5)  // 0.01562; toFixed gives 0.01563
 */
export function pythonRound(x: number, digits: number): number {
  // toFixed takes the sign of -0 away
  if (x === 0 || !Number.isFinite(x) || Math.abs(x) >= 2 ** 52) return x;
  const rounded = Number(x.toFixed(digits));
  const exact = Math.abs(x).toFixed(MOST_DIGITS);
  const point = exact.indexOf(".") + 1;
  const isHalf = /^50*$/.test(exact.slice(point + digits));
  if (!isHalf || digits + 1 >= MOST_DIGITS) return rounded;
  const lower = exact.slice(0, point + digits);
  const isEven = Number(lower.replace(".", "").at(-1)) % 2 === 0;
  return isEven ? Math.sign(x) * Number(lower) : rounded;
}

const MOST_DIGITS = 100;
