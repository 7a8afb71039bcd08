import fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance, nearestName } from "../../src/core/nearest.ts";

test.each([
  ["", "abc", 3],
  ["kitten", "sitting", 3],
  ["threshold", "treshold", 1],
  ["form", "from", 1],
])("distance of %j and %j is %d", (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test("distance is symmetric, and zero for equal words only", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
    }),
  );
});

test("the nearest name is suggested, a far one never", () => {
  const names = ["learning_rate", "max_leaves", "max_depth"];
  expect(nearestName("lerning_rate", names)).toBe("learning_rate");
  expect(nearestName("MAX_DEPTH", names)).toBe("max_depth");
  expect(nearestName("colour", names)).toBeUndefined();
  expect(nearestName("x", [])).toBeUndefined();
});
