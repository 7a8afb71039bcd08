import {
  chmodSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createProject, type TestProject } from "./project.ts";

const PIPELINE = `stages:
  prepare:
    cmd: cp in.txt clean.txt && echo prepare >> log
    deps: [in.txt]
    outs: [clean.txt]
  train:
    cmd: mkdir -p model && cp clean.txt model/w && cp clean.txt m.txt && echo train >> log
    deps: [clean.txt]
    params: [size]
    outs: [model]
    metrics: [{m.txt: {cache: false}}]
`;

let open: TestProject[] = [];
afterEach(() => {
  for (const project of open) project.remove();
  open = [];
});

function project(files: Readonly<Record<string, string>> = {}): TestProject {
  const created = createProject({
    "dvc.yaml": PIPELINE,
    "in.txt": "one\n",
    "params.yaml": "size: 1.0\n",
    ...files,
  });
  open.push(created);
  return created;
}

function objects(p: TestProject, folder: string): string[] {
  return readdirSync(join(p.folder, ".dvc", "cache", folder), {
    recursive: true,
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test("a run of the same command with the same inputs is restored, and the lock says so", async () => {
  const p = project();
  await p.run();
  const lock = p.read("dvc.lock");
  p.write("in.txt", "two\n");
  await p.run();
  p.write("in.txt", "one\n");
  expect(await p.run()).toEqual({
    ok: true,
    lockChanged: true,
    stages: {
      prepare: "restored | deps: in.txt modified",
      train: "restored | deps: clean.txt modified",
    },
  });
  expect(p.read("log")).toBe("prepare\ntrain\nprepare\ntrain\n");
  expect([p.read("clean.txt"), p.read("model/w"), p.read("m.txt")]).toEqual(Array(3).fill("one\n"));
  expect(p.read("dvc.lock")).toBe(lock);
  expect(await p.run()).toMatchObject({ lockChanged: false });
});

test("the run-cache knows a run, not a stage: another name finds it", async () => {
  const p = project();
  await p.run();
  p.write("dvc.yaml", PIPELINE.replace("prepare:", "clean:").replace("train:", "fit:"));
  expect((await p.run()).stages).toEqual({
    clean: "restored | new: not in dvc.lock",
    fit: "restored | new: not in dvc.lock",
  });
});

test("of several runs the newest whose outs are all there is taken", async () => {
  const p = project({
    "dvc.yaml": "stages: {a: {cmd: cp source a, deps: [in.txt], outs: [a]}}",
    source: "first\n",
  });
  await p.run();
  p.write("source", "second\n");
  await p.run({ force: true });
  const runs = objects(p, "runs");
  expect(runs).toHaveLength(2);
  for (const path of runs) {
    const time = readFileSync(path, "utf8").includes(md5Of("first")) ? 1_000 : 2_000;
    utimesSync(path, time, time);
  }
  const restore = async () => {
    rmSync(join(p.folder, "a"));
    rmSync(join(p.folder, "dvc.lock"));
    return (await p.run()).stages["a"];
  };
  expect(await restore()).toBe("restored | new: not in dvc.lock");
  expect(p.read("a")).toBe("second\n");
  rmSync(objects(p, "files").find((path) => path.includes(md5Of("second").slice(2)))!);
  expect(await restore()).toBe("restored | new: not in dvc.lock");
  expect(p.read("a")).toBe("first\n");
});

/** md5sum of `first\n` and `second\n`. */
function md5Of(word: "first" | "second"): string {
  return word === "first" ? "eb260e9ae827821beceeed4104f0ad89" : "59d0d19fc45ca69230d858f60a5557f8";
}

test("an out that is gone comes back from the cache, also without the run-cache", async () => {
  const p = project();
  await p.run();
  rmSync(join(p.folder, "model"), { recursive: true });
  expect((await p.run({ runCache: false })).stages["train"]).toBe("restored | outs: model deleted");
  rmSync(join(p.folder, "m.txt"));
  expect((await p.run()).stages["train"]).toBe("restored | outs: m.txt deleted");
  expect(p.read("log")).toBe("prepare\ntrain\n");
});

test("no run is restored with force or without the run-cache", async () => {
  const p = project();
  await p.run();
  p.write("in.txt", "two\n");
  await p.run();
  p.write("in.txt", "one\n");
  expect((await p.run({ runCache: false })).stages["prepare"]).toBe("ran | deps: in.txt modified");
  expect((await p.run({ force: true })).stages["train"]).toBe("ran | forced");
});

test("without commit neither the cache nor the run-cache gets anything", async () => {
  const p = project();
  await p.run({ commit: false });
  expect(p.has(".dvc/cache/runs")).toBe(false);
  expect(p.has(".dvc/cache/files")).toBe(false);
  expect(p.read("dvc.lock")).toContain("clean.txt");
  expect((await p.run({ commit: false })).lockChanged).toBe(false);
});

test("a damaged object is not served: the stage runs again", async () => {
  const p = project();
  await p.run();
  const path = objects(p, "files").find((one) => one.endsWith("bf5a52328e7439ae6e719dfe712200"))!;
  chmodSync(path, 0o644);
  writeFileSync(path, "bad!\n");
  chmodSync(path, 0o444);
  rmSync(join(p.folder, "clean.txt"));
  expect((await p.run()).stages["prepare"]).toBe("ran | outs: clean.txt deleted");
  expect(p.read("clean.txt")).toBe("one\n");
  expect(readFileSync(path, "utf8")).toBe("one\n");
});

test.each([
  ["a plain out that is not cached", "{cmd: touch a, deps: [in.txt], outs: [{a: {cache: false}}]}"],
  ["an out that persists", "{cmd: touch a, deps: [in.txt], outs: [{a: {persist: true}}]}"],
  ["always_changed", "{cmd: touch a, deps: [in.txt], outs: [a], always_changed: true}"],
  ["no deps", "{cmd: touch a, outs: [a]}"],
  ["no outs", "{cmd: 'true', deps: [in.txt]}"],
])("a run with %s is not saved", async (_, stage) => {
  const p = project({ "dvc.yaml": `stages: {a: ${stage}}` });
  expect((await p.run()).ok).toBe(true);
  expect(p.has(".dvc/cache/runs")).toBe(false);
});

test("an executable out is executable again", async () => {
  const p = project({
    "dvc.yaml": "stages: {a: {cmd: 'printf x > a; chmod +x a', deps: [in.txt], outs: [a]}}",
  });
  await p.run();
  rmSync(join(p.folder, "a"));
  expect((await p.run()).stages["a"]).toBe("restored | outs: a deleted");
  expect(statSync(join(p.folder, "a")).mode & 0o100).toBe(0o100);
});
