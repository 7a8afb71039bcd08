import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDvcFile } from "../../src/reproduce/files/dvc-file.ts";
import { readPlainDvcFile } from "../../src/reproduce/files/plain-dvc-file.ts";
import { readAnyValues } from "../../src/reproduce/values/read-values.ts";
import type { ValueMap } from "../../src/reproduce/values/value.ts";

const PATH = "/repository/data.csv.dvc";

function readFully(text: string) {
  const content = readAnyValues(text, PATH, "DVC_YAML_SCHEMA") as ValueMap;
  return parseDvcFile(content, PATH, PATH);
}

const hex = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 32, maxLength: 32 }),
  fc.string({ unit: fc.constantFrom(..."0123456789e"), minLength: 32, maxLength: 32 }),
  fc.string({ unit: fc.constantFrom("0", "1"), minLength: 30, maxLength: 30 }).map((t) => `0b${t}`),
);
const md5 = fc.tuple(hex, fc.constantFrom("", ".dir")).map((parts) => parts.join(""));
const name = fc.oneof(
  fc.constantFrom(
    "null",
    "True",
    "false",
    "nullable",
    "12",
    "1e5",
    "0x1f",
    "1_000",
    ".inf",
    ".nan",
  ),
  fc.constantFrom("2024-01-31", "2024-01-31.csv", "001.png", "a b.csv", "./a", "../a", "/tmp/a"),
  fc.string({ unit: fc.constantFrom(..."ab01_./- e"), minLength: 1, maxLength: 8 }),
);
const size = fc.constantFrom("0", "3", "007", "12345678901234567890");

const text = fc
  .tuple(md5, size, fc.option(size), fc.boolean(), fc.boolean(), name)
  .map(
    ([hash, bytes, files, isExecutable, isCurrent, path]) =>
      `outs:\n- md5: ${hash}\n  size: ${bytes}\n${files === null ? "" : `  nfiles: ${files}\n`}${
        isExecutable ? "  isexec: true\n" : ""
      }${isCurrent ? "  hash: md5\n" : ""}  path: ${path}\n`,
  );

test("a plain .dvc file says what the reader of any YAML finds in it", () => {
  let plain = 0;
  fc.assert(
    fc.property(text, (written) => {
      const found = readPlainDvcFile(written, PATH);
      if (found === undefined) return;
      plain += 1;
      const fully = readFully(written);
      expect({ ...found, content: found.content() }).toEqual({
        ...fully,
        content: fully.content(),
      });
    }),
    { numRuns: 5000 },
  );
  expect(plain).toBeGreaterThan(500);
});

test("what is written otherwise is left to that reader", () => {
  const out = "- md5: ba8d2b9408ed255ee92a112fe7ba59be\n  size: 3\n  hash: md5\n  path: a\n";
  expect(readPlainDvcFile(`outs:\n${out}`, PATH)).toBeDefined();
  for (const other of [
    `outs:\n${out}${out.replace("path: a", "path: b")}`,
    `md5: 5d41402abc4b2a76b9719d911017c592\nouts:\n${out}`,
    `outs:\n${out}meta: {}\n`,
    `# ours\nouts:\n${out}`,
    `outs:\n${out.replace("path: a", "path: 'a'")}`,
    `outs:\n${out.replace("path: a", "path: a # b")}`,
    `outs:\n${out}  cache: false\n`,
    `outs:\r\n${out.replaceAll("\n", "\r\n")}`,
  ]) {
    expect(readPlainDvcFile(other, PATH)).toBeUndefined();
  }
});
