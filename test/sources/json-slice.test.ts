import fc from "fast-check";
import { expect, test } from "vitest";
import { valueAt } from "../../src/sources/json-place.ts";
import { elementLines, sliceAt } from "../../src/sources/json-slice.ts";

/** A document, and a place in it. */
const documentAndPlace = fc
  .tuple(
    fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
    fc.array(fc.string(), { maxLength: 3 }),
    fc.jsonValue(),
  )
  .map(([rows, steps, beside]) => ({
    rows,
    steps,
    document: steps.reduceRight<unknown>(
      (inner, step) => (step === "0" ? [inner, beside] : { [`${step}x`]: beside, [step]: inner }),
      rows,
    ),
  }));

test("the elements of an array, as they are written, parse to what the whole document parses to", () => {
  fc.assert(
    fc.property(
      documentAndPlace,
      fc.constantFrom(0, 1, "\t"),
      ({ document, steps, rows }, indent) => {
        const text = JSON.stringify(document, null, indent);
        const lines = elementLines(text, sliceAt(text, steps)!.start);
        expect(lines.some((line) => line.includes("\n"))).toBe(false);
        expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
          JSON.parse(JSON.stringify(rows)),
        );
      },
    ),
  );
});

test("the slice of any place holds the value of that place", () => {
  fc.assert(
    fc.property(documentAndPlace, ({ document, steps }) => {
      const text = JSON.stringify(document, null, 2);
      for (let n = 0; n <= steps.length; n++) {
        const { start, end } = sliceAt(text, steps.slice(0, n))!;
        const found = JSON.parse(text.slice(start, end)) as unknown;
        expect(found).toEqual(valueAt(JSON.parse(text), steps.slice(0, n)));
      }
    }),
  );
});

test("numbers keep every digit, and rows on several lines become one", () => {
  const text =
    '{"a": [\n {"n": 9007199254740993,\r\n   "x": 1.10}, {"n": 1e400, "s": "\\n]}\\""}]}';
  expect(elementLines(text, sliceAt(text, ["a"])!.start)).toEqual([
    '{"n": 9007199254740993,"x": 1.10}',
    '{"n": 1e400, "s": "\\n]}\\""}',
  ]);
});

test("of two keys of one name the last counts, as for JSON.parse", () => {
  const text = '{"a": [1], "a": [2, 3]}';
  const { start, end } = sliceAt(text, ["a"])!;
  expect(JSON.parse(text.slice(start, end))).toEqual((JSON.parse(text) as { a: unknown }).a);
  expect(sliceAt(text, ["b"])).toBeUndefined();
  expect(sliceAt(text, ["a", "2"])).toBeUndefined();
});
