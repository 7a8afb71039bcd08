import fc from "fast-check";
import { expect, test } from "vitest";
import {
  mean,
  orderStatistic,
  presentValues,
  quantile,
  standardDeviation,
} from "../../src/features/quantile.ts";

const numbers = fc
  .array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), {
    minLength: 1,
    maxLength: 3000,
  })
  .map((values) => Float64Array.from(values));

test("the k-th order statistic is that of the sorted values", () => {
  fc.assert(
    fc.property(numbers, fc.nat(), (values, place) => {
      const k = place % values.length;
      const sorted = values.slice().sort();
      expect(orderStatistic(values, k) === sorted[k]).toBe(true); // 0 and -0 are one value
    }),
    { numRuns: 200 },
  );
});

test("quantiles, mean and deviation equal Python's", () => {
  // Python 3.11.7, statistics: quantiles(values, n=100, method="inclusive"), mean, pstdev
  const values = () => Float64Array.from([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5.5]);
  expect(quantile(values(), 0.5)).toBe(4);
  expect(quantile(values(), 0.25)).toBe(2.5);
  expect(quantile(values(), 0.9)).toBe(6);
  expect(quantile(values(), 0.99)).toBeCloseTo(8.7, 12);
  expect(quantile(values(), 0)).toBe(1);
  expect(quantile(values(), 1)).toBe(9);
  expect(mean(values())).toBeCloseTo(4.045454545454546, 14);
  expect(standardDeviation(values(), mean(values()))).toBeCloseTo(2.28089441641716, 13);
});

test("the sum keeps what doubles alone lose", () => {
  expect(mean(Float64Array.from([1e100, 1, -1e100, 1]))).toBe(0.5);
});

test("missing values are left out in order", () => {
  expect([...presentValues(Float64Array.from([NaN, 2, NaN, 1]))]).toEqual([2, 1]);
});
