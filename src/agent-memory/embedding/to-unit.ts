/** A vector of length 1 in the same direction; that of zeros stays as it is. */
export function toUnit(values: Float32Array | Float64Array): Float32Array {
  let square = 0;
  for (const value of values) square += value * value;
  const length = Math.sqrt(square);
  return Float32Array.from(values, (value) => (length === 0 ? 0 : value / length));
}
