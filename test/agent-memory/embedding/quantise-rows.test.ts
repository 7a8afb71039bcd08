import fc from "fast-check";
import { expect, test } from "vitest";
import { quantiseRows } from "../../../src/agent-memory/embedding/quantise-rows.ts";

test("integers stay within the bound, and with their scale within half a step of the weights", () => {
  const row = fc.float32Array({ minLength: 4, maxLength: 4, noNaN: true, min: -100, max: 100 });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1 }), fc.constantFrom(64, 127), (rows, bound) => {
      const weights = Float32Array.from(rows.flatMap((each) => [...each]));
      const { values, scales } = quantiseRows(weights, 4, bound);
      for (const [i, weight] of weights.entries()) {
        const scale = scales[i >> 2]!;
        expect(Math.abs(values[i]!)).toBeLessThanOrEqual(bound);
        // the scale is rounded to float32 once, which the largest integer multiplies
        const error = Math.abs(values[i]! * scale - weight);
        expect(error).toBeLessThanOrEqual(scale * (0.5 + bound * 2 ** -24) + Number.MIN_VALUE);
      }
    }),
  );
});
