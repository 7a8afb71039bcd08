import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readDvcIgnore } from "../../src/reproduce/files/ignore.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function tree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "duetmind-ignore-"));
  folders.push(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** A path that ends in a slash is a folder. */
function ignored(root: string, paths: readonly string[]): string[] {
  const rules = readDvcIgnore(root);
  return paths.filter((path) => rules.isIgnored(join(root, path), path.endsWith("/")));
}

/** What `dvc check-ignore` of DVC 3.67.1 answers. */
test("the lines of .dvcignore files are read as DVC reads them", () => {
  const root = tree({
    ".dvcignore": "*.log\n!keep.log\n/top\nbuild/\na/**/x\n[ab]z\nsp\\ ace\n[]q\n[z-a]r\n",
    "a/.dvcignore": "inner\n/only\n!x.log\n",
    "a/b/file": "",
  });
  const paths = ["q.log", "keep.log", "top", "a/top", "a/build/", "a/build/y", "a/b/x", "az", "cz"];
  const more = ["a/inner", "a/b/inner", "a/only", "a/b/only", "a/x.log", "a/b/x.log", "build"];
  const hidden = [".git", "a/.git", "a/.dvc/x", "sp ace", "qq", "zr"];
  expect(ignored(root, [...paths, ...more, ...hidden])).toEqual([
    ...["q.log", "top", "a/build/", "a/build/y", "a/b/x", "az", "a/inner", "a/b/inner", "a/only"],
    ...[".git", "a/.git", "a/.dvc/x", "sp ace"],
  ]);
});

test("a repository inside the repository is ignored", () => {
  const root = tree({ "sub/.dvc/config": "", "plain/file": "" });
  expect(ignored(root, ["sub/", "plain/", "sub/file"])).toEqual(["sub/"]);
  expect(readDvcIgnore(root).inFolder(root)("sub", true)).toBe(true);
});
