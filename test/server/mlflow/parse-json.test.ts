import fc from "fast-check";
import { expect, test } from "vitest";
import { parseWireJson } from "../../../src/server/mlflow/parse-json.ts";
import { writeWireJson } from "../../../src/server/mlflow/write-json.ts";

test("what JSON.parse takes is read as JSON.parse reads it, by both ways", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      fc.pre(!/(?<![.\d])\d{16}/.test(text)); // those become bigints, which is the point
      expect(parseWireJson(text)).toEqual(JSON.parse(text));
      // a long integer beside it leads through the careful parser
      expect(parseWireJson(`[${text}, 12345678901234567890]`)).toEqual([
        JSON.parse(text),
        12345678901234567890n,
      ]);
    }),
  );
});

test("what JSON.parse refuses is refused, but for Python's bare tokens", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'[]{},:"\\01-.eE tfn NaN') }), (text) => {
      const careful = `[${text}, NaN]`;
      const withNull = careful.replaceAll("-Infinity", "0").replaceAll(/NaN|Infinity/g, "null");
      let valid = true;
      try {
        JSON.parse(withNull);
      } catch {
        valid = false;
      }
      if (valid) parseWireJson(careful);
      else expect(() => parseWireJson(careful)).toThrow(SyntaxError);
    }),
  );
});

test("NaN, infinities and integers beyond 2^53 keep their value, and their digits on the way out", () => {
  const text = '{"a":[NaN,-Infinity,Infinity],"b":9223372036854775807,"c":0.1234567890123456}';
  expect(parseWireJson(text)).toEqual({
    a: [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    b: 9223372036854775807n,
    c: 0.1234567890123456,
  });
  expect(writeWireJson({ b: -9223372036854775808n, c: undefined, d: ["x"] })).toBe(
    '{"b":-9223372036854775808,"d":["x"]}',
  );
});

test("a document of great depth is refused, and a long text with many quotes takes linear time", () => {
  expect(() => parseWireJson(`NaN${"[".repeat(100_000)}`)).toThrow(SyntaxError);
  expect(() => parseWireJson(`[NaN,${"[".repeat(100_000)}`)).toThrow(SyntaxError);
  expect(() => parseWireJson(`[NaN,"${"\\".repeat(200_001)}`)).toThrow(SyntaxError);
});
