import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "../../src/core/canonical-json.ts";

test("RFC 8785, section 3.2.2: the sample object", () => {
  const sample = {
    numbers: [Number("333333333.33333329"), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/",
    literals: [null, true, false],
  };
  expect(canonicalJson(sample)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test("RFC 8785, section 3.2.3: keys sort by UTF-16 code unit", () => {
  const value = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis",
  };
  expect(Object.values(JSON.parse(canonicalJson(value)) as object)).toEqual([
    "One", // integer-like keys come first in an object, and here too
    "Carriage Return",
    "Control",
    "Latin Small Letter O With Diaeresis",
    "Euro Sign",
    "Emoji: Grinning Face",
    "Hebrew Letter Dalet With Dagesh",
  ]);
  expect(canonicalJson(value).startsWith('{"\\r":"Carriage Return","1":"One"')).toBe(true);
});

test.each([
  [0, "0"],
  [-0, "0"],
  [5e-324, "5e-324"],
  [1.7976931348623157e308, "1.7976931348623157e+308"],
  [9007199254740992, "9007199254740992"],
  [295147905179352830000, "295147905179352830000"],
  [1e23, "1e+23"],
  [999999999999999900000, "999999999999999900000"],
  [1e21, "1e+21"],
  [0.000001, "0.000001"],
  [333333333.33333325, "333333333.33333325"],
])("RFC 8785, appendix B: %d", (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test("what JSON cannot hold is refused", () => {
  expect(() => canonicalJson(Number.NaN)).toThrow("canonical JSON cannot hold NaN");
  expect(() => canonicalJson([undefined])).toThrow("canonical JSON cannot hold a undefined");
  expect(() => canonicalJson("\ud800")).toThrow("canonical JSON cannot hold a lone surrogate");
  expect(() => canonicalJson({ "\udead": 1 })).toThrow("lone surrogate");
});

test("the order of keys does not matter, undefined is left out, values come back", () => {
  expect(canonicalJson({ b: 1, a: undefined, c: { z: 1, y: 2 } })).toBe(
    '{"b":1,"c":{"y":2,"z":1}}',
  );
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
