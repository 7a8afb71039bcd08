import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BLOCK_BYTES } from "../../src/sources/cut-lines.ts";
import { spoolLines } from "../../src/sources/spool-lines.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "duetmind-spool-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const pathOf = (block: number) => join(folder, `${block}.copy`);

async function* repeated(line: string, times: number): AsyncGenerator<Buffer> {
  for (let i = 0; i < times; i++) yield Buffer.from(line);
}

test("blocks of lines are whole in their files, in order, when they are handed on", async () => {
  const line = `${"0123456789abcde".repeat(7000)}\n`;
  const times = Math.ceil((2.5 * BLOCK_BYTES) / line.length);
  const read: string[] = [];
  for await (const { path, longestLine } of spoolLines(repeated(line, times), pathOf)) {
    expect(longestLine).toBe(line.length);
    read.push(readFileSync(path, "utf8"));
  }
  expect(read.map(({ length }) => length >= BLOCK_BYTES)).toEqual([true, true, false]);
  expect(read.join("") === line.repeat(times)).toBe(true);
});

test("no line makes one empty file", async () => {
  const files = [];
  for await (const file of spoolLines(repeated("", 0), pathOf)) files.push(file);
  expect(files).toEqual([{ path: pathOf(0), longestLine: 0 }]);
  expect(readFileSync(pathOf(0), "utf8")).toBe("");
});

test("a stream that breaks ends with its error, and closes the file it was writing", async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(3 << 20, "x\n");
    throw new Error("connection lost");
  }
  const before = openFiles();
  await expect(spoolLines(broken(), pathOf).next()).rejects.toThrow("connection lost");
  expect(openFiles()).toBe(before);
});

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}
