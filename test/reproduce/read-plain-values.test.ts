import fc from "fast-check";
import { expect, test } from "vitest";
import { readPlainValues } from "../../src/reproduce/values/read-plain-values.ts";
import { readAnyValues } from "../../src/reproduce/values/read-values.ts";
import type { Value } from "../../src/reproduce/values/value.ts";
import { writeValues } from "../../src/reproduce/values/write-values.ts";

/** What the full reader says; an error is a text of its own kind. */
function full(text: string): Value | Error {
  try {
    return readAnyValues(text, "file", "BAD_INPUT");
  } catch (error) {
    return error as Error;
  }
}

function expectSame(text: string): void {
  const plain = readPlainValues(text);
  if (plain !== undefined) expect([text, plain]).toEqual([text, full(text)]);
}

const READ = [
  "",
  "# only words\n",
  "a: 1\nb: two words # why\nc: 'it''s'\nd: \"x\\n\\u00e9\"\n",
  "a:\n- 1\n- x: 1\n  y: [1, 2.0, 'a', {b: c}]\n-\n  z: 1\n- - \nb:\n  - q\n",
  "stages:\n  a:\n    cmd: one two\n      three  four\n      - five\n    deps: [a.b, 'c d', -1]\n    outs:\n    - o:\n        cache: false\n",
  "a:\nb: ~\nc: {}\nd: []\ne: {x: , y: 1}\n",
  "a: -x\n'b c': 1\n1: x\nd: http://x:1/y\ne: a:b\n",
  "- a\n- b: c\n",
  "a: [1,2]\nb: {p: s3://x, q: [a b, c]}\n",
];

test.each(READ)("%j is read as the full reader reads it", (text) => {
  expectSame(text);
});

const LEFT = [
  "a: &x 1\nb: *x\n",
  "a: |\n  text\n",
  "a: !t 1\n",
  "a: 1\na: 2\n",
  "a:\n\t- 1\n",
  "a: b: c\n",
  "a: x\n\n  y\n",
  "a: [1\n, 2]\n",
  "---\na: 1\n",
  "a: 'x\n  y'\n",
  "<<: {a: 1}\n",
  "a: 1\n b: 2\n",
  "a: 1\n- b\n",
  "? a\n",
  "just text\n",
  "a: {b}\n",
  "a: [b: c]\n",
  'a: "\\x41"\n',
];

test.each(LEFT)("%j is left to the full reader", (text) => {
  expect(readPlainValues(text)).toBeUndefined();
});

const line = fc
  .tuple(
    fc.constantFrom("", "  ", "    ", " ", "- ", "  - ", "    - ", "- - ", "#", "  # "),
    fc.array(
      fc.constantFrom(
        ...["a", "b c", "1", "a:", "b: ", ": ", "'x'", '"y"', "[", "]", "{", "}", ", ", "-", "- "],
        ...[
          " #z",
          "#",
          "&r",
          "*r",
          "!t",
          "|",
          ">",
          "%",
          "@",
          "?",
          "'",
          '"',
          "\\n",
          "1.0",
          "no",
          "~",
        ],
        ...["é", "😀", "<<: ", "http://x", "null", "0o17", ":", " "],
      ),
      { maxLength: 5 },
    ),
  )
  .map(([indent, parts]) => indent + parts.join(""));

test("whatever it reads, the full reader reads too", () => {
  const soup = fc.array(line, { maxLength: 7 }).map((lines) => lines.join("\n"));
  fc.assert(fc.property(soup, expectSame), { numRuns: 20_000 });
});

const leaf: fc.Arbitrary<Value> = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom("a long text that is folded ".repeat(8).trim(), "x: y", "# z", "- q", "true", ""),
  fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const tree: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.stringMatching(/^[a-z_.][a-z0-9_./ -]{0,12}$/), tie("value")), {
        maxLength: 4,
      })
      .map((pairs) => new Map(pairs)),
  ),
})).value;

test("what our own writer writes is read as the full reader reads it", () => {
  let read = 0;
  const map = fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,6}$/), tree), { maxLength: 4 });
  fc.assert(
    fc.property(map, (pairs) => {
      const text = writeValues(new Map(pairs));
      if (readPlainValues(text) !== undefined) read += 1;
      expectSame(text);
    }),
    { numRuns: 2_000 },
  );
  expect(read).toBeGreaterThan(500);
});
