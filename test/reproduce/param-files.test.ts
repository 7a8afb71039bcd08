import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lookUp, parseParams, selectParams } from "../../src/reproduce/values/param-values.ts";
import { isValueMap, type Value } from "../../src/reproduce/values/value.ts";
import { typedValue } from "../interop/dvc/describe-pipeline.ts";

/** Recorded from DVC 3.67.1 by test/interop/dvc/record-pipelines.ts. */
const RECORDED = join(import.meta.dirname, "..", "interop", "dvc-3.67.1", "param-files.json");
const cases = JSON.parse(readFileSync(RECORDED, "utf8")) as readonly Readonly<{
  name: string;
  text: string;
  answer: Readonly<{ error?: string }>;
}>[];

test("files of parameters have the values that DVC finds in them", () => {
  const read = cases.filter(({ answer }) => answer.error === undefined);
  expect(read.length).toBeGreaterThan(150);
  for (const { name, text, answer } of read) {
    expect(JSON.parse(JSON.stringify(typedValue(parseParams(text, name)))), text).toEqual(answer);
  }
});

test("of a Python file, assignments of literals count, in classes and to self in __init__", () => {
  const found = parseParams(
    `import os
lr: float = 1e-5  # a note
path = os.path.join("a")
both = also = 1
class Train(Base):
    """Text."""
    epochs = 10; depth = -2
    class Inner:
        names = ("a", 'b' "c",)
    def __init__(self, size=(1, 2)):
        self.size = {1, 1, 2}
        local = 3
    def other(self):
        self.no = 1
if True:
    hidden = 1
def f(): g = 2
last = {"k": [None, True,
              0x1F]}
`,
    "params.py",
  );
  expect(typedValue(found)).toEqual(
    typedValue(
      new Map<string, Value>([
        ["lr", 1e-5],
        [
          "Train",
          new Map<string, Value>([
            ["epochs", 10n],
            ["depth", -2n],
            ["Inner", new Map([["names", ["a", "bc"]]])],
            ["size", [1n, 2n]],
          ]),
        ],
        ["last", new Map([["k", [null, true, 31n]]])],
      ]),
    ),
  );
});

test.each([
  [
    "params.py",
    "a = 1\nb = 'open\n",
    "params.py:2: expected valid Python, got a text without its closing quote",
  ],
  [
    "params.py",
    "a = [1,\n",
    "params.py:2: expected valid Python, got a bracket that is never closed",
  ],
  ["params.json", '{"a": 1,\n "b" 2}', 'params.json:2:6: expected valid JSON, got "2"'],
  ["params.json", '{"a": tru}', 'params.json:1:7: expected valid JSON, got "t"'],
  ["params.toml", "a = 1\nb = \n", "params.toml:2:5: expected valid TOML, got "],
  ["params.yaml", "a: [1\nb: 2", "expected valid YAML, got "],
])("%s that cannot be read: %j", (name, text, message) => {
  expect(() => parseParams(text, name)).toThrow(message);
});

test("a date of TOML is the text that is written", () => {
  const found = parseParams("a = 2001-01-01\nb = 10:00:00\n", "params.toml");
  expect([lookUp(found, "a"), lookUp(found, "b")]).toEqual(["2001-01-01", "10:00:00.000"]);
});

test("an empty file has no values; a whole file is tracked by its top keys, dots and all", () => {
  expect(parseParams("", "params.yaml")).toEqual(new Map());
  expect(parseParams("null", "params.json")).toEqual(new Map());
  const content = parseParams("a.b: 1\na: {b: 2}\n", "params.yaml");
  expect(isValueMap(content)).toBe(true);
  expect(selectParams({ file: "params.yaml", keys: null }, content)).toEqual(
    new Map<string, Value>([
      ["a.b", 1n],
      ["a", new Map([["b", 2n]])],
    ]),
  );
  expect(selectParams({ file: "params.yaml", keys: ["a.b"] }, content)).toEqual(
    new Map([["a.b", 2n]]),
  );
});
