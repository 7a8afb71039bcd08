import fc from "fast-check";
import { expect, test } from "vitest";
import { binColumn, findBinEdges, MISSING_BIN } from "../../../src/models/boosting/bin-edges.ts";

const column = fc
  .array(
    fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer({ max: 9, min: 0 })),
  )
  .map((values) => Float32Array.from(values));

test("bin <= b is the same question as x <= edges[b]", () => {
  fc.assert(
    fc.property(column, fc.integer({ min: 2, max: 20 }), (values, maxBins) => {
      const edges = findBinEdges(values.slice().sort(), maxBins);
      expect(edges.length).toBeLessThan(maxBins);
      const bins = binColumn(values, edges);
      edges.forEach((edge, b) => {
        values.forEach((value, row) => {
          expect(bins[row]! <= b).toBe(value <= edge);
        });
      });
    }),
  );
});

test("few distinct values have a bin each, cut between them", () => {
  const values = Float32Array.of(1, 1, 2, 5, 5, 5);
  expect(findBinEdges(values, 255)).toEqual(Float32Array.of(1.5, 3.5));
});

test("neighbouring float32 values are told apart", () => {
  const values = Float32Array.of(1, 1 + 2 ** -23);
  const edges = findBinEdges(values, 255);
  expect([...binColumn(values, edges)]).toEqual([0, 1]);
});

test("many values fill bins about evenly, and a heavy one does not starve the rest", () => {
  const values = Float32Array.from({ length: 10_000 }, (_, i) => (i < 9000 ? 0 : i)).sort();
  const edges = findBinEdges(values, 11);
  const sizes = new Map<number, number>();
  for (const bin of binColumn(values, edges)) sizes.set(bin, (sizes.get(bin) ?? 0) + 1);
  expect([...sizes.values()]).toEqual([9000, ...Array<number>(10).fill(100)]);
});

test("NaN has the bin of missing values; no values have no edges", () => {
  expect(binColumn(Float32Array.of(Number.NaN, 1), Float32Array.of(0)).join()).toBe(
    `${MISSING_BIN},1`,
  );
  expect(findBinEdges(new Float32Array(0), 255).length).toBe(0);
});
