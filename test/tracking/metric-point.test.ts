import fc from "fast-check";
import { expect, test } from "vitest";
import {
  compareForLatest,
  latestPoints,
  type MetricPoint,
} from "../../src/tracking/metric-point.ts";

const value = fc.oneof(
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -1, 1),
  fc.double(),
);
const point: fc.Arbitrary<MetricPoint> = fc.record({
  key: fc.constantFrom("a", "b"),
  value,
  timestampMs: fc.nat(2),
  step: fc.integer({ min: -1, max: 1 }),
});

test("no point of a key comes after its latest, and every key has one", () => {
  fc.assert(
    fc.property(fc.array(point), (points) => {
      const latest = latestPoints(points);
      expect(latest.map(({ key }) => key)).toEqual([...new Set(points.map((p) => p.key))].sort());
      for (const p of points) {
        const best = latest.find(({ key }) => key === p.key)!;
        expect(compareForLatest(p, best)).toBeLessThanOrEqual(0);
      }
    }),
  );
});

test("step decides before time, time before value, and NaN counts as 0", () => {
  const at = (step: number, timestampMs: number, v: number) => ({
    key: "m",
    value: v,
    timestampMs,
    step,
  });
  expect(latestPoints([at(2, 1, 0), at(1, 9, 9)])[0]).toEqual(at(2, 1, 0));
  expect(latestPoints([at(1, 1, 9), at(1, 2, 0)])[0]).toEqual(at(1, 2, 0));
  expect(latestPoints([at(1, 1, Number.NaN), at(1, 1, -1)])[0]!.value).toBeNaN();
  expect(latestPoints([at(1, 1, Number.NaN), at(1, 1, 1)])[0]!.value).toBe(1);
  expect(latestPoints([at(1, 1, -Infinity), at(1, 1, Infinity)])[0]!.value).toBe(Infinity);
});
