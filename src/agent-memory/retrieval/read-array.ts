/**
 * A one-dimensional array without nulls, as array_send of PostgreSQL writes it: 12 bytes of dimensions,
 * flags and type, the length and the lower bound, then each element behind its own length.
 */
export function readInt4Array(bytes: Buffer): Int32Array {
  const count = countOf(bytes);
  const numbers = new Int32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = bytes.readInt32BE(FIRST + 8 * i);
  return numbers;
}

/** The same of float4. */
export function readFloat4Array(bytes: Buffer): Float32Array {
  const count = countOf(bytes);
  const numbers = new Float32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = bytes.readFloatBE(FIRST + 8 * i);
  return numbers;
}

/** The same of int8: numbers that a double holds. */
export function readInt8Array(bytes: Buffer): Float64Array {
  const count = countOf(bytes);
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) numbers[i] = Number(bytes.readBigInt64BE(FIRST + 12 * i));
  return numbers;
}

/** Behind the header and the length of the first element. */
const FIRST = 24;

function countOf(bytes: Buffer): number {
  return bytes.readInt32BE(0) === 0 ? 0 : bytes.readInt32BE(12);
}
