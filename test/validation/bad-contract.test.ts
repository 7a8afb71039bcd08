import { describe, expect, test } from "vitest";
import { DuetMindError } from "../../src/core/errors.ts";
import { parseContractText } from "../../src/validation/contract-text.ts";

function refusal(text: string): { code: string; message: string; line?: number; path?: string } {
  try {
    parseContractText(text, "c.yaml");
  } catch (error) {
    if (error instanceof DuetMindError) {
      const { line, path } = error.details;
      return {
        code: error.code,
        message: error.message,
        ...(line === undefined ? {} : { line }),
        ...(path === undefined ? {} : { path }),
      };
    }
    throw error;
  }
  throw new Error(`expected a refusal of:\n${text.slice(0, 200)}`);
}

/** Each alias stands for nine of the one before. */
const bomb = [
  "a: &a0 [x]",
  ...Array.from({ length: 12 }, (_, i) => {
    const aliases = Array.from({ length: 9 }, () => `*a${i}`).join(", ");
    return `b${i}: &a${i + 1} [${aliases}]`;
  }),
].join("\n");

describe("a contract that cannot be says where and what", () => {
  test.each([
    ["a list", "- a\n", 1, undefined, "got a list"],
    ["nothing", "", 1, undefined, "got nothing"],
    ["columns of another type", "columns: 5\n", 1, "columns", "expected columns by their names"],
    [
      "a misspelt check",
      "columns:\n  a: {greter_than: 1}\n",
      2,
      "columns.a.greter_than",
      '"greater_than"',
    ],
    [
      "a list of whole numbers for named arguments",
      "columns:\n  a: {in_range: [0, 120]}\n",
      2,
      "columns.a.in_range",
      "got [0,120]",
    ],
    [
      "an open group",
      "columns:\n  a: {str_matches: 'a(b'}\n",
      2,
      "columns.a.str_matches.pattern",
      "position 1",
    ],
    [
      "nothing to repeat",
      "columns:\n  a: {str_matches: 'a|*'}\n",
      2,
      "columns.a.str_matches.pattern",
      "position 2",
    ],
    [
      "two quantifiers",
      "columns:\n  a: {str_matches: 'a{2}{3}'}\n",
      2,
      "columns.a.str_matches.pattern",
      "regular expression",
    ],
    [
      "an empty interval",
      "columns:\n  a: {in_range: {min_value: 5, max_value: 1}}\n",
      2,
      "columns.a.in_range",
      "from 5 to 1",
    ],
    ["a column twice", "columns:\n  a: {}\n  a: {}\n", 3, undefined, 'got "a" twice'],
    ["a key twice", "name: x\ncolumns: {}\nname: y\n", 3, undefined, 'got "name" twice'],
    ["a prototype", "columns:\n  __proto__: {}\n", 2, undefined, '"__proto__"'],
    ["an alias of itself", "columns: &a\n  b: *a\n", 2, undefined, "alias of itself"],
    ["an alias of nothing", "columns:\n  b: *a\n", 2, undefined, "a"],
    ["aliases that multiply", bomb, undefined, undefined, "aliases without end"],
    ["a tag of Python", "columns: !!python/object:os.system {}\n", 1, undefined, "python/object"],
    ["two documents", "columns: {}\n---\ncolumns: {}\n", 2, undefined, "multiple documents"],
  ] as const)("%s", (_, text, line, path, message) => {
    const found = refusal(text);
    expect(found.code).toBe("CONTRACT_INVALID");
    expect(found.message).toContain(message);
    expect(found.path).toBe(path);
    if (line !== undefined) expect(found.line).toBe(line);
  });
});

test("aliases that stand for little are read", () => {
  const text =
    "columns:\n  a: &column {dtype: int64, gt: 0}\n  b: *column\n  c: {<<: *column, nullable: true}\n";
  const { columns } = parseContractText(text, "c.yaml");
  expect(columns.map(({ name, dtype, nullable }) => [name, dtype, nullable])).toEqual([
    ["a", "int64", false],
    ["b", "int64", false],
    ["c", "int64", true],
  ]);
});
