/** An integer of 64 bits: a bigint where a number could not hold it exactly. */
export type Int64 = number | bigint;

/** Digits as the integer they are: the database sends a 64-bit column so when it is read as text. */
export function toInt64(digits: string): Int64 {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}
