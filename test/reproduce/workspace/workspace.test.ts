import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { type Effects, realEffects } from "../../../src/core/effects.ts";
import { openLockFiles } from "../../../src/reproduce/files/lock-file.ts";
import { openRepository } from "../../../src/reproduce/files/repository.ts";
import { dvcFileText } from "../../../src/reproduce/files/write-dvc-file.ts";
import { collectStages } from "../../../src/reproduce/pipeline/collect.ts";
import { EVERY_OUT } from "../../../src/reproduce/pipeline/select-outs.ts";
import { addOuts } from "../../../src/reproduce/workspace/add-outs.ts";
import { checkout } from "../../../src/reproduce/workspace/checkout.ts";
import { collectGarbage } from "../../../src/reproduce/workspace/collect-garbage.ts";
import { commitStages } from "../../../src/reproduce/workspace/commit-stages.ts";
import { createFolder, type TestFolder } from "../cache/test-folder.ts";

const open: TestFolder[] = [];
afterEach(() => {
  for (const folder of open.splice(0)) folder.remove();
});

const env = { PATH: process.env["PATH"] };

function setUp(files: Readonly<Record<string, string>>) {
  const folder = createFolder(files);
  open.push(folder);
  const repository = () => openRepository(folder.folder, env, realEffects);
  return {
    ...folder,
    repository,
    read: (path: string) => readFileSync(folder.at(path), "utf8"),
    add: async (targets: readonly string[], more = {}) =>
      addOuts(
        await repository(),
        { targets, out: null, force: false, noCommit: false, noRelink: false, env, ...more },
        realEffects,
      ),
    checkout: async (targets: readonly string[] = [], more = {}) =>
      checkout(
        await repository(),
        { ...EVERY_OUT, targets, force: false, relink: false, allowMissing: false, ...more },
        realEffects,
      ),
    commit: async (force: boolean) =>
      commitStages(await repository(), { ...EVERY_OUT, force, noRelink: false, env }, realEffects),
    gc: async (force: boolean) => {
      const opened = await repository();
      const stages = await collectStages(opened, realEffects);
      const kept = [{ repository: opened, views: [{ stages, locks: openLockFiles() }] }];
      const options = { remote: null, jobs: null, env, cloud: false, notInRemote: false };
      const asked = { ...options, force, dry: !force, lockWaitMs: 0 };
      return (await collectGarbage(opened, async () => kept, asked, realEffects)).cache;
    },
  };
}

// what DVC 3.67.1 wrote for these trees
const D_DVC = `outs:
- md5: cd17d130d04433df5e683e149f47b52e.dir
  size: 8
  nfiles: 2
  hash: md5
  path: d
`;

test("add writes DVC's own text, and adding again changes nothing", async () => {
  const p = setUp({ "d/a": "foo\n", "d/sub/b": "bar\n", "x!": "one\n" });
  const { outs } = await p.add(["d", "x"]);
  expect(outs.map(({ shown, isChanged }) => [shown, isChanged])).toEqual([
    ["d", true],
    ["x", true],
  ]);
  expect(p.read("d.dvc")).toBe(D_DVC);
  expect(p.read("x.dvc")).toBe(
    "outs:\n- md5: 5bbf5a52328e7439ae6e719dfe712200\n  size: 4\n  isexec: true\n  hash: md5\n  path: x\n",
  );
  expect(p.list(".dvc/cache")).toHaveLength(4);
  expect((await p.add(["d", "x"])).outs.every(({ isChanged }) => !isChanged)).toBe(true);
});

test("a known key of a .dvc file keeps its place, a new one comes last, comments and notes stay", () => {
  const text = (first: string) => `# top comment
outs:
- md5: ${first} # keep me
  size: 4
  isexec: true
  hash: md5
  path: x
  desc: hello
meta:
  a: 1
`;
  const md5 = "2c4bb6e195ebf978fa63234e50c7c6eb.dir";
  const state = { md5, sizeBytes: 2, isExecutable: false, fileCount: 1 };
  expect(dvcFileText(text("5bbf5a52328e7439ae6e719dfe712200"), "x", state)).toBe(
    text(md5)
      .replace("  isexec: true\n", "")
      .replace("size: 4", "size: 2")
      .replace("desc: hello\n", "desc: hello\n  nfiles: 1\n"),
  );
});

test("a part of a tracked folder is added, and taken out when it is gone", async () => {
  const p = setUp({ "d/1": "1\n", "d/s/2": "2\n" });
  await p.add(["d"]);
  const head = (md5: string, size: string, count: number) =>
    `outs:\n- md5: ${md5}.dir\n${size}  nfiles: ${count}\n  hash: md5\n  path: d\n`;
  p.write("d/s/3", "3\n");
  await p.add(["d/s/3"]);
  expect(p.read("d.dvc")).toBe(head("565c4d0672cba52f58398b0093a15093", "  size: 6\n", 3));
  rmSync(p.at("d/s/3"));
  await p.add(["d/s/3"]);
  expect(p.read("d.dvc")).toBe(head("7493f99274667841745dc19021d73d46", "", 2));
});

test("what cannot be added is refused by name, and nothing is written", async () => {
  const p = setUp({
    "d/a": "a",
    "dvc.yaml": "stages: {s: {cmd: echo > made, outs: [made]}}",
    made: "",
  });
  await p.add(["d/a"]);
  await expect(p.add(["d"])).rejects.toThrow('got "d/a" of d/a.dvc in it');
  await expect(p.add(["made"])).rejects.toThrow("got an out of s");
  await expect(p.add(["nothing"])).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  await expect(p.add(["dvc.yaml"])).rejects.toThrow("got a file that describes stages");
  await expect(p.add(["/etc/hostname"])).rejects.toThrow("got one outside");
  await expect(p.add(["."])).rejects.toThrow("got the folder that holds it");
  expect(existsSync(p.at("d.dvc"))).toBe(false);
});

test("git is told of an out once, and an out that git tracks is refused", async () => {
  const p = setUp({ "d/a": "a", "sub/x#1": "x", tracked: "t", ".dvc/config": "" });
  execFileSync("git", ["init", "-q", "."], { cwd: p.folder });
  execFileSync("git", ["add", "tracked"], { cwd: p.folder });
  await expect(p.add(["d", "tracked"])).rejects.toThrow(
    "tracked: expected data that git does not track",
  );
  expect(existsSync(p.at("d.dvc"))).toBe(false);
  await p.add(["d", "sub/x#1"]);
  await p.add(["d"]);
  expect([p.read(".gitignore"), p.read("sub/.gitignore")]).toEqual(["/d\n", "/x\\#1\n"]);
});

test("checkout brings back what is gone, refuses to lose a file, and leaves an out whole that lacks one", async () => {
  const p = setUp({ "d/a": "foo\n", "d/sub/b": "bar\n", x: "one\n" });
  await p.add(["d", "x"]);
  rmSync(p.at("d"), { recursive: true });
  rmSync(p.at("x"));
  expect((await p.checkout()).plans.map(({ change }) => change)).toEqual(["added", "added"]);
  expect((await p.checkout()).plans.map(({ change }) => change)).toEqual([
    "unchanged",
    "unchanged",
  ]);
  p.write("d/a", "mine");
  await expect(p.checkout()).rejects.toMatchObject({ code: "UNSAVED_FILES" });
  expect(p.read("d/a")).toBe("mine");
  await p.checkout(["d/a"], { force: true });
  expect(p.read("d/a")).toBe("foo\n");
  rmSync(p.at("d"), { recursive: true });
  rmSync(p.at("x"));
  rmSync(p.at(".dvc/cache/files/md5/c1/57a79031e1c40f85931829bc5fc552"));
  const { failures } = await p.checkout();
  expect(failures.map(({ message }) => message)).toEqual([
    "d/sub/b: expected its content c157a79031e1c40f85931829bc5fc552 in the cache, got no such object",
  ]);
  expect([existsSync(p.at("d")), p.read("x")]).toEqual([false, "one\n"]);
});

test("checkout takes away an out that nothing names any more, if it is as it was and the cache has it", async () => {
  const p = setUp({ x: "x\n", "d/a": "a\n", changed: "1", touched: "t", gone: "g", "n/1": "1\n" });
  await p.add(["x", "d", "changed", "touched", "gone", "n"]);
  for (const name of ["x", "d", "changed", "touched", "gone", "n"]) rmSync(p.at(`${name}.dvc`));
  p.write("changed", "2");
  utimesSync(p.at("touched"), 1, 1);
  p.write("n/1.dvc", `outs:\n- md5: b026324c6904b2a9cb4b88d6d61c81d1\n  hash: md5\n  path: '1'\n`);
  const object = createHash("md5").update("g").digest("hex");
  rmSync(p.at(`.dvc/cache/files/md5/${object.slice(0, 2)}/${object.slice(2)}`));
  expect((await p.checkout(["n/1"])).removed).toEqual([]);
  expect((await p.checkout()).removed).toEqual([p.at("x"), `${p.at("d")}/`]);
  expect(p.list().filter((path) => !path.startsWith("."))).toEqual([
    "changed",
    "gone",
    "n/1",
    "n/1.dvc",
    "touched",
  ]);
  expect((await p.checkout()).removed).toEqual([]);
});

test("commit stores what is recorded, and records what changed only by force", async () => {
  const p = setUp({ x: "one\n" });
  await p.add(["x"], { noCommit: true });
  expect(p.list(".dvc").filter((path) => path.startsWith("cache/"))).toEqual([]);
  await p.commit(false);
  expect(p.list(".dvc/cache")).toHaveLength(1);
  p.write("x", "two\n");
  await expect(p.commit(false)).rejects.toThrow(
    "x.dvc: expected nothing changed since it was recorded",
  );
  await p.commit(true);
  expect(p.read("x.dvc")).toContain("c193497a1a06b2c72230e6146ff47080");
});

test("gc removes what nothing uses, and only by force", async () => {
  const p = setUp({ "d/a": "foo\n", x: "one\n" });
  await p.add(["d", "x"]);
  p.write("x", "two\n");
  await p.add(["x"]);
  expect((await p.gc(false)).map(({ md5 }) => md5)).toEqual(["5bbf5a52328e7439ae6e719dfe712200"]);
  expect(p.list(".dvc/cache")).toHaveLength(4);
  await p.gc(true);
  expect(p.list(".dvc/cache")).toHaveLength(3);
  expect(await p.gc(false)).toEqual([]);
  rmSync(p.at("d.dvc"));
  expect((await p.gc(true)).map(({ md5 }) => md5.endsWith(".dir"))).toEqual([true, false]);
});

test("gc waits for those who store data that nothing names yet", async () => {
  const p = setUp({ x: "one\n" });
  let refusal: Promise<unknown> | undefined;
  const files: Effects["files"] = {
    ...realEffects.files,
    async publish(path, write) {
      // the object is stored, and its .dvc file is about to be written
      if (path.endsWith("x.dvc")) refusal = p.gc(true).catch((error: unknown) => error);
      await refusal;
      return realEffects.files.publish(path, write);
    },
  };
  const options = {
    targets: ["x"],
    out: null,
    force: false,
    noCommit: false,
    noRelink: false,
    env,
  };
  await addOuts(await p.repository(), options, { ...realEffects, files });
  expect(await refusal).toMatchObject({ code: "PIPELINE_LOCKED" });
  expect(await p.gc(true)).toEqual([]);
});

test("a damaged object of a tracked file is refused on checkout, and adding the file heals it", async () => {
  const p = setUp({ x: "one\n" });
  await p.add(["x"]);
  const object = p.at(".dvc/cache/files/md5/5b/bf5a52328e7439ae6e719dfe712200");
  chmodSync(object, 0o644);
  writeFileSync(object, "bad\n");
  chmodSync(object, 0o444);
  rmSync(p.at("x"));
  expect((await p.checkout()).failures[0]?.message).toContain(
    "got another content, which was removed",
  );
  expect(existsSync(p.at("x"))).toBe(false);
  p.write("x", "one\n");
  await p.add(["x"]);
  expect(readFileSync(object, "utf8")).toBe("one\n");
});
