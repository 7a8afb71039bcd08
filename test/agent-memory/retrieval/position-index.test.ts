import fc from "fast-check";
import { expect, test } from "vitest";
import { greatest } from "../../../src/agent-memory/retrieval/greatest.ts";
import { createPositionIndex } from "../../../src/agent-memory/retrieval/position-index.ts";

test("positions are numbered as a Map would number them, beyond 32 bits too", () => {
  const position = fc.oneof(
    fc.nat(40),
    fc.maxSafeNat(),
    fc.constant(2 ** 32),
    fc.constant(2 ** 40),
  );
  fc.assert(
    fc.property(fc.array(position, { maxLength: 60 }), position, (positions, other) => {
      const index = createPositionIndex(positions.length);
      const known = new Map<number, number>();
      for (const each of positions) {
        if (!known.has(each)) known.set(each, known.size);
        expect(index.add(each)).toBe(known.get(each));
      }
      expect(index.size()).toBe(known.size);
      for (const [each, number] of known) {
        expect([index.find(each), index.positionOf(number)]).toEqual([number, each]);
      }
      expect(index.find(other)).toBe(known.get(other) ?? -1);
    }),
  );
});

test("the greatest are what sorting gives, equal ones by their position", () => {
  const number = fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ noNaN: true }));
  fc.assert(
    fc.property(fc.array(number), fc.nat(120), fc.nat(20), (numbers, count, unused) => {
      const sorted = numbers.map((_, i) => i).sort((a, b) => numbers[b]! - numbers[a]! || b - a);
      const values = Float64Array.of(...numbers, ...Array(unused).fill(Number.MAX_VALUE));
      const found = greatest(values, numbers.length, count, (place) => -place);
      expect(found).toEqual(sorted.slice(0, count));
    }),
  );
});
