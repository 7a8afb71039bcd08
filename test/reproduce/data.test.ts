import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { openGit } from "../../src/reproduce/compare/git.ts";
import { addData } from "../../src/reproduce/data/add.ts";
import { checkoutData } from "../../src/reproduce/data/checkout.ts";
import { collectGarbage } from "../../src/reproduce/data/collect-garbage.ts";
import { commitData } from "../../src/reproduce/data/commit.ts";
import { expandGlobs } from "../../src/reproduce/data/expand-globs.ts";
import { openLockFiles } from "../../src/reproduce/files/lock-file.ts";
import { openRepository } from "../../src/reproduce/files/repository.ts";
import { collectStages } from "../../src/reproduce/pipeline/collect.ts";
import { EVERY_OUT } from "../../src/reproduce/pipeline/select-outs.ts";

/** A repository of git and DVC in a folder of its own. */
function repository() {
  const folder = mkdtempSync(join(tmpdir(), "duetmind-data-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  execFileSync("git", ["init", "-q", folder]);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write(".dvc/config", "");
  const open = (cwd = folder) => openRepository(cwd, {}, realEffects);
  return {
    folder,
    write,
    open,
    read: (path: string) => readFileSync(join(folder, path), "utf8"),
    has: (path: string) => existsSync(join(folder, path)),
    remove: (path: string) => rmSync(join(folder, path), { recursive: true }),
    add: async (...targets: string[]) =>
      addData(
        targets,
        await open(),
        { commit: true, trackedByGit: openGit(folder, process.env).tracked },
        realEffects,
      ),
    checkout: async (force = false) =>
      checkoutData(await open(), { ...EVERY_OUT, force, relink: false }, realEffects),
    commit: async (force: boolean) =>
      commitData(await open(), { ...EVERY_OUT, force }, realEffects),
    async gc(dry: boolean) {
      const view = {
        stages: await collectStages(await open(), realEffects),
        locks: openLockFiles(),
      };
      return collectGarbage(await open(), [view], { dry }, realEffects);
    },
    object: (md5: string) => join(folder, ".dvc/cache/files/md5", md5.slice(0, 2), md5.slice(2)),
  };
}

test("added data has the .dvc files, cache and .gitignore that dvc add leaves", async () => {
  const r = repository();
  r.write("x", "hi\n");
  chmodSync(join(r.folder, "x"), 0o755);
  r.write("d/a", "1\n");
  r.write("d/s/b", "2\n");
  r.write("sub/q", "q\n");
  const report = await r.add("x", "d", "sub/q");
  // as DVC 3.67.1 wrote them
  expect(r.read("x.dvc")).toBe(
    "outs:\n- md5: 764efa883dda1e11db47671c4a3bbd9e\n  size: 3\n  isexec: true\n  hash: md5\n  path: x\n",
  );
  expect(r.read("d.dvc")).toBe(
    "outs:\n- md5: 2f83d11e62144c050f1158231deb8507.dir\n  size: 4\n  nfiles: 2\n  hash: md5\n  path: d\n",
  );
  expect(r.read("sub/q.dvc")).toBe(
    "outs:\n- md5: c3be117041a113540deb0ff532b19543\n  size: 2\n  hash: md5\n  path: q\n",
  );
  expect([r.read(".gitignore"), r.read("sub/.gitignore")]).toEqual(["/x\n/d\n", "/q\n"]);
  expect(lstatSync(r.object("764efa883dda1e11db47671c4a3bbd9e")).mode & 0o777).toBe(0o444);
  expect(report.changed).toBe(3);
  expect((await r.add("x", "d")).changed).toBe(0);

  // one path of a folder that was added: DVC records no size then
  r.write("d/a", "3\n");
  await r.add("d/a");
  expect(r.read("d.dvc")).toBe(
    "outs:\n- md5: 4068b1aa9c4d9dd2789238fc21262abe.dir\n  nfiles: 2\n  hash: md5\n  path: d\n",
  );
});

test("what the user wrote into a .dvc file stays", async () => {
  const r = repository();
  r.write("x", "one\n");
  await r.add("x");
  r.write("x.dvc", `${r.read("x.dvc")}  desc: raw\n  push: false\nmeta:\n  k: v\n`);
  r.write("x", "two\n");
  await r.add("x");
  expect(r.read("x.dvc")).toBe(
    "outs:\n- md5: c193497a1a06b2c72230e6146ff47080\n  size: 4\n  hash: md5\n  path: x\n  desc: raw\n  push: false\nmeta:\n  k: v\n",
  );
});

test("what cannot be added is refused, and nothing is written", async () => {
  const r = repository();
  r.write("tracked", "t\n");
  execFileSync("git", ["-C", r.folder, "add", "tracked"]);
  r.write("d/inside", "1\n");
  r.write("fine", "f\n");
  await r.add("d/inside");
  const cases: readonly [string, string, RegExp][] = [
    ["tracked", "CONFLICT", /^tracked: expected data that git does not track/],
    ["nothing", "FILE_NOT_FOUND", /^nothing: expected a file or folder, got nothing$/],
    ["../out", "BAD_INPUT", /expected a path inside the repository/],
    [".", "BAD_INPUT", /the repository itself/],
    ["d/inside.dvc", "BAD_INPUT", /a file of DVC's own/],
    ["d", "DVC_YAML_GRAPH", /overlaps an out of d\/inside\.dvc/],
  ];
  for (const [target, code, message] of cases) {
    const refused = r.add("fine", target);
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  }
  expect(r.has("fine.dvc")).toBe(false);
});

test("a checkout restores what is gone, refuses to lose what is not saved, and serves no damaged object", async () => {
  const r = repository();
  r.write("x", "one\n");
  r.write("d/a", "1\n");
  await r.add("x", "d");
  r.remove("x");
  r.remove("d");
  const restored = await r.checkout();
  expect([restored.changed, r.read("x"), r.read("d/a")]).toEqual([2, "one\n", "1\n"]);
  r.write("x", "mine\n");
  await expect(r.checkout()).rejects.toMatchObject({ code: "UNSAVED_FILES" });
  expect(r.read("x")).toBe("mine\n");
  await r.checkout(true);
  expect(r.read("x")).toBe("one\n");

  const object = r.object("5bbf5a52328e7439ae6e719dfe712200");
  chmodSync(object, 0o644);
  writeFileSync(object, "evil\n");
  chmodSync(object, 0o444); // the mode alone says that it is whole
  r.remove("x");
  await expect(r.checkout()).rejects.toMatchObject({ code: "NOT_IN_CACHE" });
  expect([r.has("x"), existsSync(object)]).toEqual([false, false]);
  r.remove("d");
  const partly = await r.checkout();
  expect(partly.missing.map(({ shown }) => shown)).toEqual(["x"]);
  expect(r.read("d/a")).toBe("1\n");
});

test("a commit records what stands there, by force where it changed", async () => {
  const r = repository();
  r.write("x", "one\n");
  r.write("dvc.yaml", "stages:\n  s:\n    cmd: cp x y\n    deps: [x]\n    outs: [y]\n");
  await r.add("x");
  r.write("y", "two\n");
  await expect(r.commit(false)).rejects.toMatchObject({ code: "CONFLICT" });
  expect(r.has("dvc.lock")).toBe(false);
  expect((await r.commit(true)).changed).toBe(1);
  expect(r.read("dvc.lock")).toBe(`schema: '2.0'
stages:
  s:
    cmd: cp x y
    deps:
    - path: x
      hash: md5
      md5: 5bbf5a52328e7439ae6e719dfe712200
      size: 4
    outs:
    - path: y
      hash: md5
      md5: c193497a1a06b2c72230e6146ff47080
      size: 4
`);
  expect(existsSync(r.object("c193497a1a06b2c72230e6146ff47080"))).toBe(true);
  expect((await r.commit(false)).changed).toBe(0);
});

test("garbage is what nothing records: said first, removed when asked", async () => {
  const r = repository();
  r.write("d/a", "1\n");
  r.write("d/b", "2\n");
  await r.add("d");
  r.write("d/a", "3\n");
  await r.add("d");
  const old = "b026324c6904b2a9cb4b88d6d61c81d1"; // "1\n"; "2\n" is in the folder still
  const said = await r.gc(true);
  expect(said.files.map(({ md5 }) => md5)).toContain(old);
  expect([said.files.length, said.changed, existsSync(r.object(old))]).toEqual([2, 0, true]);
  expect((await r.gc(false)).changed).toBe(2);
  expect(existsSync(r.object(old))).toBe(false);
  r.remove("d");
  expect((await r.checkout()).missing).toEqual([]);
  expect([r.read("d/a"), r.read("d/b")]).toEqual(["3\n", "2\n"]);
});

test("patterns name the files that a shell would", () => {
  const r = repository();
  for (const path of ["in/a.csv", "in/b.csv", "in/deep/c.csv", "in/d.txt"]) r.write(path, "");
  expect(expandGlobs(["in/*.csv"], r.folder)).toEqual(["in/a.csv", "in/b.csv"]);
  expect(expandGlobs(["in/**/*.csv"], r.folder)).toEqual(["in/a.csv", "in/b.csv", "in/deep/c.csv"]);
  expect(() => expandGlobs(["*.parquet"], r.folder)).toThrow(/expected a pattern that matches/);
});
