import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { createProject, type TestProject } from "./project.ts";

const PIPELINE = `stages:
  prepare:
    cmd: cp in.txt clean.txt && echo prepare >> log
    deps: [in.txt]
    params: [size]
    outs: [clean.txt]
  train:
    cmd: mkdir -p model/sub && cat clean.txt > model/sub/weights && echo train >> log
    deps: [clean.txt]
    outs: [model]
    metrics: [{metrics.json: {cache: false}}]
`.replace("echo train", "echo '{}' > metrics.json; echo train");

let open: TestProject[] = [];
afterEach(() => {
  for (const project of open) project.remove();
  open = [];
});

function project(files: Readonly<Record<string, string>> = {}): TestProject {
  const created = createProject({
    "dvc.yaml": PIPELINE,
    "in.txt": "one\n",
    "params.yaml": "size: 1\nother: 2\n",
    ...files,
  });
  open.push(created);
  return created;
}

/** Every file with its content and time of change, but for our own folder. */
function snapshot(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => !/^\.d(?:uetmind|vc\/tmp)/.test(path))
    .sort()
    .map((path) => `${path} ${statSync(join(folder, path), { bigint: true }).mtimeNs}`);
}

test("the first run runs every stage, the second changes no file", async () => {
  const p = project();
  expect(await p.run()).toEqual({
    ok: true,
    lockChanged: true,
    stages: { prepare: "ran | new: not in dvc.lock", train: "ran | new: not in dvc.lock" },
  });
  const before = snapshot(p.folder);
  expect(await p.run()).toEqual({
    ok: true,
    lockChanged: false,
    stages: { prepare: "unchanged", train: "unchanged" },
  });
  expect(snapshot(p.folder)).toEqual(before);
  expect(p.read("log")).toBe("prepare\ntrain\n");
});

test("dvc.lock and the cache are DVC's", async () => {
  const p = project();
  await p.run();
  // md5sum of the files; the directory by the recipe of directory-hash.test.ts
  expect(p.read("dvc.lock")).toBe(`schema: '2.0'
stages:
  prepare:
    cmd: cp in.txt clean.txt && echo prepare >> log
    deps:
    - path: in.txt
      hash: md5
      md5: 5bbf5a52328e7439ae6e719dfe712200
      size: 4
    params:
      params.yaml:
        size: 1
    outs:
    - path: clean.txt
      hash: md5
      md5: 5bbf5a52328e7439ae6e719dfe712200
      size: 4
  train:
    cmd: mkdir -p model/sub && cat clean.txt > model/sub/weights && echo '{}' > metrics.json;
      echo train >> log
    deps:
    - path: clean.txt
      hash: md5
      md5: 5bbf5a52328e7439ae6e719dfe712200
      size: 4
    outs:
    - path: metrics.json
      hash: md5
      md5: 8a80554c91d9fca8acb82f023de02f11
      size: 3
    - path: model
      hash: md5
      md5: ${directoryMd5(p)}
      size: 4
      nfiles: 1
`);
  const object = join(p.folder, ".dvc/cache/files/md5/5b/bf5a52328e7439ae6e719dfe712200");
  expect(statSync(object).mode & 0o777).toBe(0o444);
  const md5 = directoryMd5(p);
  expect(p.read(`.dvc/cache/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`)).toBe(
    '[{"md5": "5bbf5a52328e7439ae6e719dfe712200", "relpath": "sub/weights"}]',
  );
  // the run-cache keeps a metric with `cache: false` too, to bring it back with its run
  expect(p.has(".dvc/cache/files/md5/8a/80554c91d9fca8acb82f023de02f11")).toBe(true);
  expect(p.read(".dvc/config")).toBe("[core]\n    no_scm = True\n");
  // git sees nothing of our own folder, also where no .gitignore names it
  expect(p.read(".duetmind/.gitignore")).toBe("*\n");
});

function directoryMd5(p: TestProject): string {
  return /md5: ([0-9a-f]{32}\.dir)/.exec(p.read("dvc.lock"))![1]!;
}

test("a changed dep runs its stage, and what follows only if its own deps changed", async () => {
  const p = project();
  await p.run();
  p.write("in.txt", "two\n");
  expect((await p.run()).stages).toEqual({
    prepare: "ran | deps: in.txt modified",
    train: "ran | deps: clean.txt modified",
  });
  p.write("params.yaml", "size: 2\nother: 9\n");
  // the key of the run-cache leaves out what is called `size`, so the run with size 1 has it too
  expect((await p.run()).stages).toEqual({
    prepare: "ran | params: params.yaml size modified",
    train: "unchanged",
  });
  p.write("params.yaml", "size: 2.0\n");
  expect((await p.run()).lockChanged).toBe(false);
});

test("a touched file with the same content runs nothing", async () => {
  const p = project();
  await p.run();
  utimesSync(join(p.folder, "in.txt"), 1, 1);
  expect((await p.run()).lockChanged).toBe(false);
});

test("without its index a run decides the same, and a broken index is an empty one", async () => {
  const p = project();
  await p.run();
  rmSync(join(p.folder, ".duetmind"), { recursive: true });
  expect((await p.run()).lockChanged).toBe(false);
  p.write(".dvc/tmp/duetmind-stats", "{");
  expect((await p.run()).lockChanged).toBe(false);
});

test("a changed, deleted or edited out is restored, and a changed command runs its stage", async () => {
  const p = project();
  await p.run();
  rmSync(join(p.folder, "model/sub/weights"));
  expect((await p.run()).stages["train"]).toBe("restored | outs: model modified");
  rmSync(join(p.folder, "metrics.json"));
  expect((await p.run()).stages["train"]).toBe("restored | outs: metrics.json deleted");
  p.write("dvc.yaml", PIPELINE.replace("cp in", "cp  in"));
  expect((await p.run()).stages).toEqual({ prepare: "ran | cmd: changed", train: "unchanged" });
});

test("an emptied cache is filled again without running anything", async () => {
  const p = project();
  await p.run();
  const cache = join(p.folder, ".dvc/cache");
  rmSync(cache, { recursive: true });
  expect((await p.run()).lockChanged).toBe(false);
  expect(p.has(".dvc/cache/files/md5/5b/bf5a52328e7439ae6e719dfe712200")).toBe(true);
});

test("targets, force, a single stage and a dry run", async () => {
  const p = project();
  expect((await p.run({ dry: true })).stages).toEqual({
    prepare: "would_run | new: not in dvc.lock",
    train: "would_run | new: not in dvc.lock",
  });
  expect(readdirSync(p.folder).sort()).toEqual(["dvc.yaml", "in.txt", "params.yaml"]);
  expect((await p.run({ targets: ["prepare"] })).stages).toEqual({
    prepare: "ran | new: not in dvc.lock",
  });
  await p.run();
  expect((await p.run({ targets: ["train"], singleItem: true, force: true })).stages).toEqual({
    train: "ran | forced",
  });
  p.write("in.txt", "three\n");
  expect((await p.run({ dry: true })).stages).toEqual({
    prepare: "would_run | deps: in.txt modified",
    train: "would_run | deps: prepare would run",
  });
});

test("a stage that fails is named, the stages before it stay locked", async () => {
  const p = project({ "dvc.yaml": PIPELINE.replace("mkdir", "exit 3; mkdir") });
  const outcome = await p.run();
  expect(outcome.failure).toMatch(/^stage train: expected exit code 0, got 3 from: exit 3; mkdir/);
  expect(outcome).toMatchObject({ ok: false, lockChanged: true });
  expect(p.read("dvc.lock")).not.toContain("train:");
  p.write("dvc.yaml", PIPELINE);
  expect((await p.run()).stages).toEqual({
    prepare: "unchanged",
    train: "ran | new: not in dvc.lock",
  });
});

test("a stage that does not make its out fails", async () => {
  const p = project({ "dvc.yaml": "stages: {a: {cmd: 'true', deps: [in.txt], outs: [gone]}}" });
  expect((await p.run()).failure).toBe(
    'stage a: expected it to make "gone", got nothing at this path',
  );
  expect(p.has("dvc.lock")).toBe(false);
});

test("a missing source is named before anything runs", async () => {
  const p = project();
  rmSync(join(p.folder, "in.txt"));
  await expect(p.run()).rejects.toThrow(
    'dvc.yaml: stages.prepare: expected its dep "in.txt", got nothing at this path',
  );
  expect(readdirSync(p.folder).sort()).toEqual(["dvc.yaml", "params.yaml"]);
});

test("a parameter that is not there is named", async () => {
  const p = project({ "params.yaml": "sise: 1\n" });
  await expect(p.run()).rejects.toThrow(
    "params.yaml: expected the key size, which stage prepare of dvc.yaml depends on, got nothing",
  );
});

test("frozen, always_changed and callback stages", async () => {
  const p = project({
    "dvc.yaml": `stages:
  source: {cmd: 'false', outs: [in.txt], frozen: true}
  always: {cmd: touch a, outs: [a], always_changed: true}
  callback: {cmd: echo called >> log}
`,
  });
  const expected = {
    source: "unchanged",
    always: "ran | always_changed",
    callback: "ran | always runs: no deps and no outs",
  };
  await p.run();
  expect((await p.run()).stages).toEqual(expected);
  rmSync(join(p.folder, "in.txt"));
  await expect(p.run()).rejects.toThrow(
    'dvc.yaml: stages.source: expected the out "in.txt" of a frozen stage, got nothing',
  );
});

test("a stage gets the environment that DVC gives it, and registration is put off", async () => {
  const p = project({
    "dvc.yaml":
      'stages: {a: {cmd: echo "$DVC_STAGE $DVC_ROOT $DUETMIND_DEFER_REGISTRATION $PWD" > a, wdir: sub, outs: [a]}}',
    "sub/keep": "",
  });
  await p.run();
  expect(p.read("sub/a")).toBe(`a ${p.folder} 1 ${p.folder}/sub\n`);
});

test("the stages' spelling of the command is this installation, another npx call is the real one", async () => {
  const p = project({
    "dvc.yaml": `stages:
  a:
    cmd:
    - npx --no -- duetmind data 'two words' > a
    - duetmind x >> a
    - PATH=/elsewhere:$PATH npx --no other >> a
    outs: [a]
`,
    "real/npx": '#!/bin/sh\necho "real $*"\n',
    "bin.mjs": "console.log('ours', JSON.stringify(process.argv.slice(2)));",
  });
  chmodSync(join(p.folder, "real/npx"), 0o755);
  await p.run({
    env: { PATH: `${p.folder}/real:/usr/bin:/bin` },
    installation: { node: process.execPath, script: join(p.folder, "bin.mjs") },
  });
  expect(p.read("a")).toBe('ours ["data","two words"]\nours ["x"]\nreal --no other\n');
});

test("an interrupt ends the stage, and the next run does just that stage again", async () => {
  const p = project({
    "dvc.yaml": PIPELINE.replace("mkdir", "echo started > started; cat fifo; mkdir"),
  });
  await once(spawn("mkfifo", [join(p.folder, "fifo")]), "exit");
  const controller = new AbortController();
  const running = p.run({}, { ...realEffects, signal: controller.signal });
  running.catch(() => {});
  await until(() => p.has("started"));
  controller.abort();
  await expect(running).rejects.toThrow(
    "stage train: expected to run to its end, got an interrupt",
  );
  p.write("dvc.yaml", PIPELINE);
  expect((await p.run()).stages).toEqual({
    prepare: "unchanged",
    train: "ran | new: not in dvc.lock",
  });
});

test("two runs at once: one works, the other says so and touches nothing", async () => {
  const p = project({
    "dvc.yaml": "stages: {a: {cmd: 'echo x > started; cat fifo > a', outs: [a]}}",
  });
  await once(spawn("mkfifo", [join(p.folder, "fifo")]), "exit");
  const first = p.run();
  await until(() => p.has("started"));
  await expect(p.run()).rejects.toThrow(
    /^pipeline: expected no other reproduce in this folder, got process \d+ since /,
  );
  writeFileSync(join(p.folder, "fifo"), "done\n");
  expect((await first).ok).toBe(true);
  expect(p.read("a")).toBe("done\n");
});

test("a lock file that is none is refused", async () => {
  const p = project({ "dvc.lock": "schema: '1.0'\n" });
  await expect(p.run()).rejects.toThrow("dvc.lock: schema: expected '2.0', got 1.0");
  p.write("dvc.lock", "schema: '2.0'\nstages: {a: {cmd: x, depz: []}}\n");
  await expect(p.run()).rejects.toThrow(
    "dvc.lock: stages.a.depz: expected cmd, deps, params, outs",
  );
  rmSync(join(p.folder, "dvc.lock"));
});

test("a disk that fills up leaves the last lock whole", async () => {
  const p = project();
  await p.run({ targets: ["prepare"] });
  const lock = p.read("dvc.lock");
  const full = {
    ...realEffects,
    files: {
      ...realEffects.files,
      publish: (path: string) => Promise.reject(new Error(`disk full: ${path}`)),
    },
  };
  await expect(p.run({}, full)).rejects.toThrow("disk full");
  expect(p.read("dvc.lock")).toBe(lock);
  expect((await p.run()).ok).toBe(true);
});

/** Waits for another process by looking, not by sleeping. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 200_000 && !isTrue(); i++) await new Promise(setImmediate);
  expect(isTrue()).toBe(true);
}
