import { expect, test } from "vitest";
import { parsePythonRegex } from "../../src/validation/python-regex.ts";

/** [pattern, text, re.match, re.search] of Python 3.11.7. */
const PYTHON: readonly (readonly [string, string, boolean, boolean])[] = [
  ["a|b", "xb", false, true],
  ["a$", "a\n", true, true],
  ["a\\Z", "a\n", false, false],
  [".", "\r", true, true],
  [".", "\n", false, false],
  ["(?s).", "\n", true, true],
  ["^b", "a\nb", false, false],
  ["(?m)^b", "a\nb", false, true],
  ["\\d", "٣", true, true],
  ["(?a)\\d", "٣", false, false],
  ["\\w", "é", true, true],
  ["\\bé", "xé", false, false],
  ["(?P<x>a)(?P=x)", "aa", true, true],
  ["a{,2}b", "aab", true, true],
  ["a{x}", "a{x}", true, true],
  ["[]a]", "]", true, true],
  ["[^\\W\\d]", "1", false, false],
  ["(?x) a b # two", "ab", true, true],
  ["(?i)É", "é", true, true],
  ["\\x41\\u00e9", "Aé", true, true],
];

test.each(PYTHON)("%j on %j", (pattern, text, matches, searches) => {
  expect(parsePythonRegex(pattern, true).js?.test(text)).toBe(matches);
  expect(parsePythonRegex(pattern, false).js?.test(text)).toBe(searches);
});

test("look-around, back-references and Unicode word boundaries are not for RE2", () => {
  for (const pattern of ["a(?=b)", "(?<!a)b", "(a)\\1", "\\ba", "a{1,2000}"]) {
    expect(parsePythonRegex(pattern, false).re2).toBeNull();
  }
  expect(parsePythonRegex("a(?:b|c)+\\d$", false).re2).not.toBeNull();
});

/** What Python 3.11.7 compiles and what it refuses. */
test.each([
  ...["(?<=ab|cd)e", "(?<=a{2})b", "(?<=\\d\\.)x", "(?<=(?=abc)a)b", "(?<=^)a", "(?<=)a"],
  ...["(ab)(?<=\\1)c", "(?<=(?<=a)b)c", "(?<=[a-z]{3})x", "(?x)(?<= a b )c", "(?<=a{0})b"],
  ...["(?<=(?:a|b){2}c)d", "(?<=\\bfoo)x", "a+(?<=(?:ab)c)", "(?<=a{)b"],
])("a look-behind of one width: %j", (pattern) => {
  expect(() => parsePythonRegex(pattern, true)).not.toThrow();
});

test.each([
  ...["(?<=a+)b", "(?<!a|bc)d", "(?<=(a)?)b", "(?<=a{1,2})b", "(?<=(?:ab|c))d", "(?<=a|)b"],
  ...["(a|bc)(?<=\\1)", "(?P<x>a*)(?<=(?P=x))b", "(?<=a*)b", "(?<=a{,3})x", "(?<=(?:a+))b"],
])("a look-behind of many widths is refused: %j", (pattern) => {
  expect(() => parsePythonRegex(pattern, true)).toThrow("look-behind requires fixed-width pattern");
});

test.each(["(", "a)", "[a", "*a", "\\q", "(?P=x)", "(?(1)a|b)", "a++"])("refuses %j", (pattern) => {
  expect(() => parsePythonRegex(pattern, false)).toThrow();
});
