/**
 * A one-dimensional float4[] without nulls, as array_send of PostgreSQL writes it: 12 bytes of dimensions,
 * flags and type, the length and the lower bound, then each element behind its own length.
 */
export function readFloat4Array(bytes: Buffer): Float32Array {
  const count = countOf(bytes);
  const numbers = new Float32Array(count);
  for (let i = 0; i < count; i += 1) numbers[i] = bytes.readFloatBE(FIRST + 8 * i);
  return numbers;
}

/** The same of int8[]: numbers that a double holds. */
export function readInt8Array(bytes: Buffer): Float64Array {
  const count = countOf(bytes);
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i += 1) numbers[i] = Number(bytes.readBigInt64BE(FIRST + 12 * i));
  return numbers;
}

/** Behind the header and the length of the first element. */
const FIRST = 24;

function countOf(bytes: Buffer): number {
  return bytes.readInt32BE(0) === 0 ? 0 : bytes.readInt32BE(12);
}

/** Numbers as int4send writes them, one behind the other. */
export function readInt4s(bytes: Buffer): Int32Array {
  const { buffer } = Uint8Array.from(bytes); // of its own, so that it begins where a number may
  Buffer.from(buffer).swap32();
  return new Int32Array(buffer);
}
