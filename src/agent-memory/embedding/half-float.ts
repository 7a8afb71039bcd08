/** IEEE 754 half floats (little endian) as float32; every one of the 65,536 has an exact float32. */
export function halfFloats(bytes: Uint8Array): Float32Array {
  table ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => halfFloat(bits));
  const values = new Float32Array(bytes.length / 2);
  for (let i = 0; i < values.length; i++) {
    values[i] = table[bytes[2 * i]! | (bytes[2 * i + 1]! << 8)]!;
  }
  return values;
}

let table: Float32Array | undefined;

function halfFloat(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
