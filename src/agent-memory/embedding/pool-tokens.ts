import type { Pooling } from "./model-source.ts";
import { toUnit } from "./to-unit.ts";

/** One vector of length 1 out of those of a text's tokens, which follow one another in `values`. */
export function poolTokens(
  values: Float32Array,
  dimensions: number,
  pooling: Pooling,
): Float32Array {
  const tokens = pooling === "first" ? 1 : values.length / dimensions;
  const sum = new Float64Array(dimensions);
  for (let token = 0; token < tokens; token++) {
    for (let i = 0; i < dimensions; i++) sum[i] = sum[i]! + values[token * dimensions + i]!;
  }
  return toUnit(sum);
}
