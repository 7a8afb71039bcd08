import { expect, test } from "vitest";
import { toJsonText } from "../../src/core/json-text.ts";

test("integers beyond 2^53 keep all digits, text that looks like one stays text", () => {
  const value = { a: 9007199254740993n, b: -1n, c: "9007199254740993", d: 0.1 };
  expect(toJsonText(value)).toBe('{"a":9007199254740993,"b":-1,"c":"9007199254740993","d":0.1}');
});

test("infinities are text and NaN is null", () => {
  expect(toJsonText([Infinity, -Infinity, NaN])).toBe('["Infinity","-Infinity",null]');
});
