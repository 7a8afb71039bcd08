import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withinFolder } from "../../src/core/within-folder.ts";

let root = "";
const before = process.cwd();
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "duetmind-within-")));
  mkdirSync(join(root, "inner"));
  writeFileSync(join(root, "inner", "a"), "abc");
});
afterEach(() => {
  process.chdir(before);
  rmSync(root, { recursive: true, force: true });
});

const sizeOfA = (prefix: string) => statSync(`${prefix}a`).size;

test("names are found below the folder, one inside another too, and the process is back where it was", () => {
  const inner = join(root, "inner");
  expect(withinFolder(root, (outside) => [withinFolder(inner, sizeOfA), outside])).toEqual([3, ""]);
  expect(process.cwd()).toBe(before);
  expect(() => withinFolder(inner, () => statSync("nothing"))).toThrow("ENOENT");
  expect(process.cwd()).toBe(before);
});

test("a folder that is not there, or a process whose own folder is gone, gets whole paths", () => {
  expect(withinFolder(join(root, "none"), (prefix) => prefix)).toBe(`${root}/none/`);
  expect(withinFolder("/", (prefix) => statSync(`${prefix}.`).isDirectory())).toBe(true);
  mkdirSync(join(root, "gone"));
  process.chdir(join(root, "gone"));
  rmSync(join(root, "gone"), { recursive: true });
  expect(withinFolder(join(root, "inner"), (prefix) => [prefix, sizeOfA(prefix)])).toEqual([
    `${root}/inner/`,
    3,
  ]);
});
