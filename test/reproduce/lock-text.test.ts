import fc from "fast-check";
import { expect, test } from "vitest";
import { entryText, findEntryText, putEntries } from "../../src/reproduce/files/lock-text.ts";
import type { Value, ValueMap } from "../../src/reproduce/values/value.ts";
import { writeValues } from "../../src/reproduce/values/write-values.ts";

const entry = (cmd: Value): ValueMap => new Map([["cmd", cmd]]);
const name = fc.oneof(
  fc.constantFrom("a", "b@1", "b@x/y", "true", "1", "a: b", "é😀", "it's", "- x", "x y ", "# c"),
  fc.string({ minLength: 1, maxLength: 8 }).filter((text) => !/[\u0085\u2028\u2029\n]/.test(text)),
);
const cmd = fc.oneof(
  fc.string({ maxLength: 120 }),
  fc.array(fc.constantFrom("echo a", "true", "  two", "x: y", "word ".repeat(40)), {
    minLength: 1,
  }),
);
const stages = fc.array(fc.tuple(name, cmd), { maxLength: 6 });

/** The law: putting entries into the text is putting them into the content and writing it again. */
test("entries put into a text are entries put into its content", () => {
  fc.assert(
    fc.property(stages, stages, (before, after) => {
      const content = new Map(before.map(([key, value]) => [key, entry(value)]));
      const text = content.size === 0 ? "" : lockOf(content);
      for (const [key, value] of after) content.set(key, entry(value));
      const put = putEntries(
        text,
        after.map(([key, value]) => entryText(key, entry(value))),
      );
      if (content.size > 0) expect(put).toBe(lockOf(content));
    }),
  );
});

function lockOf(content: ReadonlyMap<string, ValueMap>): string {
  return writeValues(
    new Map<string, Value>([
      ["schema", "2.0"],
      ["stages", content],
    ]),
  );
}

test("a lock in another layout is written again as DVC's writer lays it out", () => {
  const text = `# by hand
stages: {"a": {cmd: echo a}, 'b': {cmd: [x, y]}}
schema: "2.0"
`;
  expect(
    putEntries(text, [entryText("b", entry("new")), entryText("c", entry("c"))]),
  ).toBe(`schema: '2.0'
stages:
  a:
    cmd: echo a
  b:
    cmd: new
  c:
    cmd: c
`);
});

test("a name in other quotes is the same name", () => {
  const text = "schema: '2.0'\nstages:\n  \"a\":\n    cmd: old\n";
  expect(putEntries(text, [entryText("a", entry("new"))])).toBe(
    "schema: '2.0'\nstages:\n  a:\n    cmd: new\n",
  );
});

test("the text of an entry is found by its name", () => {
  const text = putEntries("", [entryText("a", entry("x")), entryText("b", entry("y"))]);
  const find = findEntryText(text);
  expect(find(entryText("b", entry("other")))).toBe("  b:\n    cmd: y\n");
  expect(find(entryText("c", entry("y")))).toBeUndefined();
});
