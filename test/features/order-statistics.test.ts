import fc from "fast-check";
import { expect, test } from "vitest";
import {
  factsOf,
  type NumberScan,
  scanArray,
  standardDeviation,
} from "../../src/features/number-scan.ts";
import { orderStatistics, quantiles } from "../../src/features/order-statistics.ts";
import { selectRank } from "../../src/features/select.ts";

const numbers = fc
  .array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 3000 })
  .map((values) => Float64Array.from(values));

/** The same column in blocks of another size. */
function scanBlocks(values: Float64Array, rows: number): NumberScan {
  return (visit) => {
    for (let i = 0; i < values.length; i += rows) visit(values.slice(i, i + rows));
  };
}

test("a selected rank is that of the sorted values", () => {
  fc.assert(
    fc.property(numbers, fc.nat(), (values, place) => {
      const k = place % values.length;
      const sorted = values.slice().sort();
      expect(selectRank(values, k) === sorted[k]).toBe(true); // 0 and -0 are one value
    }),
    { numRuns: 200 },
  );
});

test("order statistics of more values than are collected are those of the sorted values", () => {
  const n = 700_000;
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  const columns: readonly ((i: number) => number)[] = [
    () => random() * 2 - 1, // both signs
    () => Math.floor(random() * 3) - 1, // many rows with one value: all bits have to be settled
    (i) => (i % 2 === 0 ? 0 : -0),
    () => 1 + Math.floor(random() * 300_000) * Number.EPSILON, // differ in the last bits only
    () => -1 - Math.floor(random() * 2) * Number.EPSILON,
    () => 10 ** (random() * 600 - 300),
    (i) => (i % 3 === 0 ? Number.NaN : Math.floor(random() * 1000) * Number.MIN_VALUE),
  ];
  for (const column of columns) {
    const values = Float64Array.from({ length: n }, (_, i) => column(i));
    const sorted = values.filter((x) => !Number.isNaN(x)).sort();
    const last = sorted.length - 1;
    const ranks = [last, 0, 1, Math.floor(last / 2), Math.ceil(last / 2), Math.floor(last / 100)];
    const found = orderStatistics(scanBlocks(values, 65_536), sorted.length, ranks);
    expect(found).toEqual(ranks.map((rank) => sorted[rank]! + 0));
  }
});

test("quantiles, mean and deviation equal Python's", () => {
  // Python 3.11.7, statistics: quantiles(values, n=100, method="inclusive"), mean, pstdev
  const scan = scanArray(Float64Array.from([3, 1, 4, 1, 5, NaN, 9, 2, 6, 5, 3, 5.5]));
  const ranked = (ranks: readonly number[]) => orderStatistics(scan, 11, ranks);
  const asked = [0.5, 0.25, 0.9, 0, 1, 0.99];
  const found = quantiles(ranked, 11, asked);
  expect(found.slice(0, 5)).toEqual([4, 2.5, 6, 1, 9]);
  expect(found[5]).toBeCloseTo(8.7, 12);
  const facts = factsOf(scan);
  expect(facts).toMatchObject({ present: 11, infinite: 0, least: 1, greatest: 9 });
  expect(facts.mean).toBeCloseTo(4.045454545454546, 14);
  expect(standardDeviation(scan, facts)).toBeCloseTo(2.28089441641716, 13);
});

test("the sum keeps what doubles alone lose", () => {
  expect(factsOf(scanArray(Float64Array.from([1e100, 1, -1e100, 1]))).mean).toBe(0.5);
});

test("mean and deviation have the same bits whatever the blocks", () => {
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 100 }), (values, rows) => {
      const [whole, parts] = [scanArray(values), scanBlocks(values, rows)];
      expect(factsOf(parts)).toEqual(factsOf(whole));
      const deviation = standardDeviation(whole, factsOf(whole));
      expect(standardDeviation(parts, factsOf(parts))).toBe(deviation);
    }),
  );
});
