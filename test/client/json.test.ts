import fc from "fast-check";
import { expect, test } from "vitest";
import { doubleAt, int64At, toFields } from "../../src/client/fields.ts";
import { decodeJson, encodeJson } from "../../src/client/json.ts";

test("every integer of 64 bits comes through exactly, both ways", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (integer) => {
      const read = int64At(toFields(decodeJson(`{"step": ${integer}}`), "reply"), "step");
      expect(BigInt(read)).toBe(integer);
      expect(decodeJson(encodeJson({ step: integer }))).toEqual({ step: String(integer) });
    }),
  );
});

test("JSON without long integers is read as JSON.parse reads it", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!/\d{16}/.test(text));
      expect(decodeJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test("digits in texts and long fractions stay as they are", () => {
  const text = '{"a": "12345678901234567890 \\" 12345678901234567890", "b": 0.12345678901234567}';
  expect(decodeJson(text)).toEqual(JSON.parse(text));
});

test("NaN and infinities are texts on the wire", () => {
  const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.5, 1e300];
  for (const value of values) {
    const wire = toFields(decodeJson(encodeJson({ value })), "reply");
    expect(doubleAt(wire, "value")).toBe(value);
  }
  expect(() => doubleAt({ value: "much" }, "value")).toThrow("expected a number, got much");
});
