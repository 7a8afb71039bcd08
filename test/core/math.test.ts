import fc from "fast-check";
import { expect, test } from "vitest";
import { exp, log, log1p, sigmoid } from "../../src/core/math.ts";
import truth from "../interop/scikit-learn-1.9.1/elementary-functions.json" with { type: "json" };

/** An argument, 30 digits of the function there, and what the nearest double leaves of them. */
type Truth = readonly [x: number, decimal: string, rest: number];

/** Error of a double against the 30 digits, in units of its last place. */
function ulps(value: number, [, decimal, rest]: Truth): number {
  const nearest = Number(decimal);
  return Math.abs(value - nearest - rest) / ulpOf(nearest);
}

function ulpOf(x: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(x));
  bits.setBigUint64(0, bits.getBigUint64(0) + 1n);
  return bits.getFloat64(0) - Math.abs(x);
}

for (const each of truth.cases) {
  const ours = each.name === "exp" ? exp : log;
  const values = each.values as unknown as readonly Truth[];

  test(`${each.name} errs by less than one unit in the last place: mpmath ${truth.tool.version}`, () => {
    for (const value of values) {
      expect(ulps(ours(value[0]), value), `${each.name}(${value[0]})`).toBeLessThan(1);
    }
  });

  test(`${each.name} is correctly rounded for four values in five`, () => {
    const exact = values.filter(([x, decimal]) => ours(x) === Number(decimal));
    expect(exact.length / values.length).toBeGreaterThan(0.8);
  });
}

test("the ends of exp and log", () => {
  expect(exp(710)).toBe(Number.POSITIVE_INFINITY);
  expect(exp(-746)).toBe(0);
  expect(exp(0)).toBe(1);
  expect(exp(Number.NaN)).toBeNaN();
  expect(exp(Number.NEGATIVE_INFINITY)).toBe(0);
  expect(log(0)).toBe(Number.NEGATIVE_INFINITY);
  expect(log(1)).toBe(0);
  expect(log(-1)).toBeNaN();
  expect(log(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
});

test("log undoes exp", () => {
  fc.assert(
    fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
      expect(log(exp(x))).toBeCloseTo(x, 12);
    }),
  );
});

test("log1p keeps the digits of a small number", () => {
  expect(log1p(1e-20)).toBe(1e-20);
  expect(log1p(1e-10)).toBeCloseTo(9.9999999995e-11, 24);
  expect(log1p(Math.E - 1)).toBeCloseTo(1, 14);
  expect(log1p(-1)).toBe(Number.NEGATIVE_INFINITY);
});

test("sigmoid is symmetric, rises and never overflows", () => {
  expect([sigmoid(0), sigmoid(1000), sigmoid(-1000)]).toEqual([0.5, 1, 0]);
  fc.assert(
    fc.property(fc.double({ min: -40, max: 40, noNaN: true }), (x) => {
      expect(sigmoid(x) + sigmoid(-x)).toBeCloseTo(1, 14);
    }),
  );
});
