import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync, statSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { dropStage } from "../../../src/reproduce/files/drop-stage.ts";
import { runIn } from "../../support/run-cli.ts";
import { createFolder, type TestFolder } from "../cache/test-folder.ts";

const open: TestFolder[] = [];
afterEach(() => {
  for (const folder of open.splice(0)) folder.remove();
});

const PIPELINE = `# the pipeline
stages:
  # first
  a:
    cmd: echo a > a1   # say a
    outs: [a1]

  b:
    cmd: cat a1 > b1
    deps: [a1]
    outs:
      - b1
# the end
`;

async function setUp(files: Readonly<Record<string, string>>, config = "") {
  const folder = createFolder({ ".dvc/config": config, ...files });
  open.push(folder);
  execFileSync("git", ["init", "-q", "."], { cwd: folder.folder });
  const run = (...argv: readonly string[]) =>
    runIn(folder.folder, argv, { PATH: process.env["PATH"], SHELL: "/bin/sh" });
  return {
    ...{ folder, run },
    read: (path: string) => readFileSync(folder.at(path), "utf8"),
    has: (path: string) => existsSync(folder.at(path)),
  };
}

test("remove takes a stage out of dvc.yaml and dvc.lock, and leaves the rest as it is written", async () => {
  const p = await setUp({ "dvc.yaml": PIPELINE });
  await p.run("reproduce");
  const lock = p.read("dvc.lock");
  expect((await p.run("remove", "a")).stdout).toBe("a: removed\n");
  expect(p.read("dvc.yaml")).toBe(
    PIPELINE.replace("  a:\n    cmd: echo a > a1   # say a\n    outs: [a1]\n", ""),
  );
  expect(p.read("dvc.lock")).toBe(`schema: '2.0'\nstages:\n${lock.slice(lock.indexOf("  b:"))}`);
  expect([p.read(".gitignore"), p.has("a1")]).toEqual(["/b1\n", true]);
  expect(JSON.parse((await p.run("remove", "b", "--outs", "--json")).stdout)).toEqual({
    removed: ["b"],
  });
  expect(["dvc.yaml", "dvc.lock", "b1", ".gitignore"].filter(p.has)).toEqual([]);
});

test("remove of a .dvc file keeps the data, as a file of its own; an out is no target", async () => {
  const p = await setUp({ x: "x\n", "d/a": "a\n", y: "y\n" }, "[cache]\n    type = hardlink\n");
  await p.run("add", "x", "d", "y");
  expect(lstatSync(p.folder.at("x")).nlink).toBe(2);
  expect((await p.run("remove", "x")).exitCode).toBe(2);
  expect((await p.run("remove", "x.dvc")).exitCode).toBe(0);
  expect([p.read("x"), p.has("x.dvc"), p.read(".gitignore")]).toEqual(["x\n", false, "/d\n/y\n"]);
  expect([lstatSync(p.folder.at("x")).nlink, statSync(p.folder.at("x")).mode & 0o200]).toEqual([
    1, 0o200,
  ]);
  await p.run("remove", "d.dvc", "y.dvc", "--outs");
  expect(["d", "y", ".gitignore"].filter(p.has)).toEqual([]);
});

test.each(["hardlink", "symlink"])("unprotect makes %ss files that may be edited", async (type) => {
  const p = await setUp({ "d/a": "a\n", "d/s/b": "b\n" }, `[cache]\n    type = ${type}\n`);
  await p.run("add", "d");
  expect((await p.run("unprotect", "d")).stdout).toBe("2 files are their own now.\n");
  p.folder.write("d/a", "edited\n");
  expect((await p.run("status", "--json")).stdout).toContain("modified");
  expect((await p.run("checkout", "--force")).exitCode).toBe(0);
  expect(p.read("d/a")).toBe("a\n");
  expect((await p.run("unprotect", "nothing")).exitCode).toBe(2);
});

test.each([
  ["stages: {a: {cmd: x}, b: {cmd: y}}\n", "a", "stages: { b: { cmd: y } }\n"],
  ["stages:\n  a:\n    cmd: x\n  b: {cmd: y}", "b", "stages:\n  a:\n    cmd: x\n"],
  ["vars: [{k: 1}]\nstages:\n  a: {cmd: x}\n", "a", "vars: [ { k: 1 } ]\n"],
  ["stages:\n  a:\n    cmd: |\n      x\n      y\n  b: {cmd: y}\n", "a", "stages:\n  b: {cmd: y}\n"],
  ["stages:\n  a: {cmd: x}\n", "a", null],
])("%j without %s is %j", (text, name, expected) => {
  expect(dropStage(text, name)).toBe(expected);
});

test("a stage that foreach makes is not removed alone", async () => {
  const p = await setUp({
    "dvc.yaml": "stages: {s: {foreach: [1, 2], do: {cmd: echo}}}\n",
  });
  const { exitCode, stderr } = await p.run("remove", "s@1");
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("got one that is repeated")]);
});
