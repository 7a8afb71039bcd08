import { expect, test } from "vitest";
import { parsePlace, valueAt } from "../../src/sources/json-place.ts";

// the document and the pointers of RFC 6901, section 5
const DOCUMENT = {
  foo: ["bar", "baz"],
  "": 0,
  "a/b": 1,
  "c%d": 2,
  "e^f": 3,
  "g|h": 4,
  "i\\j": 5,
  'k"l': 6,
  " ": 7,
  "m~n": 8,
};

test.each([
  ["", DOCUMENT],
  ["/foo", ["bar", "baz"]],
  ["/foo/0", "bar"],
  ["/", 0],
  ["/a~1b", 1],
  ["/c%d", 2],
  ["/e^f", 3],
  ["/g|h", 4],
  ["/i\\j", 5],
  ['/k"l', 6],
  ["/ ", 7],
  ["/m~0n", 8],
])("the JSON Pointer %j of RFC 6901 finds its value", (pointer, value) => {
  expect(valueAt(DOCUMENT, parsePlace(pointer))).toEqual(value);
});

test("a dotted path is the same place", () => {
  expect(valueAt({ a: { b: [{ c: 1 }] } }, parsePlace("a.b.0.c"))).toBe(1);
});

test.each(["/foo/2", "/foo/length", "/no", "/foo/bar/x", "/toString", "constructor"])(
  "%j is not in the document",
  (place) => {
    expect(valueAt(DOCUMENT, parsePlace(place))).toBeUndefined();
  },
);
