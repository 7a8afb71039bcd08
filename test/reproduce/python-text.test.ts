import fc from "fast-check";
import { expect, test } from "vitest";
import {
  compareCodePoints,
  pythonFloat,
  pythonJson,
  pythonJsonText,
  pythonText,
} from "../../src/reproduce/values/python-text.ts";
import type { Value } from "../../src/reproduce/values/value.ts";

/** repr() of CPython 3.11.7. */
test.each([
  [1, "1.0"],
  [0.00001, "1e-05"],
  [1e16, "1e+16"],
  [123456789012345680, "1.2345678901234568e+17"],
  [0.0001, "0.0001"],
  [1e15, "1000000000000000.0"],
  [1.5e-7, "1.5e-07"],
  [-0, "-0.0"],
  [1e22, "1e+22"],
  [5e-324, "5e-324"],
  [1.7976931348623157e308, "1.7976931348623157e+308"],
  [123.456, "123.456"],
  [Number.NaN, "nan"],
  [Number.NEGATIVE_INFINITY, "-inf"],
])("the float %d is written %s", (x, text) => {
  expect(pythonFloat(x)).toBe(text);
});

test("a float's text reads back as the same float", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
      expect(Number(pythonFloat(x))).toBe(x);
    }),
  );
});

test("inserted values are spelt as Python spells them", () => {
  expect([null, true, 3n, 0.5, "x"].map(pythonText)).toEqual(["None", "true", "3", "0.5", "x"]);
  expect(pythonText([1n])).toBeUndefined();
});

test("text beyond ASCII is escaped by UTF-16 unit", () => {
  expect(pythonJsonText('"é😀\t')).toBe('"\\"\\u00e9\\ud83d\\ude00\\t"');
});

test("DEL is escaped, as Python escapes it", () => {
  expect(pythonJsonText("a\u007fb~")).toBe('"a\\u007fb~"');
});

/** json.dumps({...}, sort_keys=True) of CPython 3.11.7. */
test("a mapping is written with its keys in order and 1 apart from 1.0", () => {
  const map = new Map<string, Value>([
    ["b", [1n, 1, 1e-7, Number.POSITIVE_INFINITY, Number.NaN]],
    ["\u{1f600}", null],
    ["\ufb01", true],
    [
      "a",
      new Map<bigint, Value>([
        [10n, "é"],
        [9n, 12345678901234567890n],
      ]),
    ],
  ]);
  expect(pythonJson(map)).toBe(
    '{"a": {"9": 12345678901234567890, "10": "\\u00e9"}, "b": [1, 1.0, 1e-07, Infinity, NaN], "\\ufb01": true, "\\ud83d\\ude00": null}',
  );
});

test("texts sort by code point, not by UTF-16 unit", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      const points = (text: string) => [...text].map((character) => character.codePointAt(0)!);
      const [x, y] = [points(a), points(b)];
      const at = x.findIndex((point, i) => point !== y[i]);
      const expected = at === -1 ? x.length - y.length : x[at]! - (y[at] ?? -1);
      expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(expected));
    }),
  );
  expect(["\u{1f600}", "\ufb01"].sort(compareCodePoints)).toEqual(["\ufb01", "\u{1f600}"]);
});
