import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { writeValues } from "../../src/reproduce/values/write-values.ts";
import { createProject, type TestProject } from "../reproduce/project.ts";
import { toPythonJson, valueDocument } from "./dvc-values.ts";
import { pythonEnvironment } from "./python-environment.ts";

/** Real DVC 3.67.1 judges what `reproduce` wrote, and the other way round. */
const { python } = await pythonEnvironment("dvc");
const ROOT = join(import.meta.dirname, "..", "..");

const open: TestProject[] = [];
afterAll(() => {
  for (const project of open) project.remove();
});

function project(files: Readonly<Record<string, string>>): TestProject {
  const created = createProject(files);
  open.push(created);
  return created;
}

function dvc(p: TestProject, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(python, ["-m", "dvc", ...args], {
    cwd: p.folder,
    encoding: "utf8",
    env: {
      ...process.env,
      PATH: `${dirname(python)}:${process.env["PATH"]}`,
      DVC_NO_ANALYTICS: "true",
      SHELL: "/bin/sh",
    },
  });
  if (status !== 0) throw new Error(`dvc ${args.join(" ")}: exit ${status}\n${stdout}${stderr}`);
  return stdout;
}

const FILES = {
  "in.txt": "hi\n",
  "other.json": '{"k": 1.0, "z": {"q": [1, "é"]}}',
  "sub/keep": "",
  "params.yaml": `lr: 0.00001
one: 1.0
name: "2020-01-01"
nested: {a: [1, 2.5, x], b: yes, c: null, e: true, f: {}, g: [[1], []]}
long: "word word word word word word word word word word word word word word word word word word"
big: 123456789012345678901234567890
`,
  "dvc.yaml": `stages:
  prepare:
    cmd: mkdir -p out && cp in.txt "out/é😀.txt" && cp in.txt out/ﬁ && touch out/empty && printf 'x' > exec.sh && chmod +x exec.sh
    deps: [in.txt]
    params: [lr, one, name, nested, long, big, {other.json: null}]
    outs: [out, exec.sh]
  train:
    cmd:
    - echo \${lr} \${nested.b} > model
    - cp other.json m.json; echo a > p.csv
    deps: [out]
    outs: [model]
    metrics: [{m.json: {cache: false}}]
    plots: [{p.csv: {x: a}}]
  elsewhere:
    cmd: cat ../model > copy
    wdir: sub
    deps: [../model]
    outs: [{copy: {persist: true}}]
`,
};

test("DVC finds everything up to date after reproduce, and runs nothing", async () => {
  const p = project(FILES);
  expect((await p.run()).ok).toBe(true);
  const lock = p.read("dvc.lock");
  expect(dvc(p, "status")).toBe("Data and pipelines are up to date.\n");
  expect(dvc(p, "status", "--json").trim()).toBe("{}");
  const repro = dvc(p, "repro");
  expect(repro).toContain("Stage 'prepare' didn't change, skipping");
  expect(repro).toContain("Data and pipelines are up to date.");
  expect(p.read("dvc.lock")).toBe(lock);
});

test("DVC restores outs from the cache that reproduce filled", async () => {
  const p = project(FILES);
  await p.run();
  for (const path of ["out", "exec.sh", "model"]) {
    rmSync(join(p.folder, path), { recursive: true });
  }
  dvc(p, "checkout");
  expect(p.read("out/é😀.txt")).toBe("hi\n");
  expect(existsSync(join(p.folder, "out/empty"))).toBe(true);
  expect((await p.run()).lockChanged).toBe(false);
});

test("DVC writes the same lock, byte for byte, and reproduce runs nothing after it", async () => {
  const p = project(FILES);
  await p.run();
  const lock = p.read("dvc.lock");
  rmSync(join(p.folder, "dvc.lock"));
  dvc(p, "repro", "--force");
  expect(p.read("dvc.lock")).toBe(lock);
  expect(await p.run()).toMatchObject({ ok: true, lockChanged: false });
});

test("a date without quotes is the text that DVC, which refuses it, reads once it has quotes", async () => {
  const params = (date: string) => `since: ${date}\nuntil: {at: [${date}]}\n`;
  const p = project({
    "params.yaml": params("2001-01-01"),
    "dvc.yaml": "stages: {a: {cmd: echo a > out, params: [since, until], outs: [out]}}\n",
  });
  expect((await p.run()).ok).toBe(true);
  expect(() => dvc(p, "status")).toThrow("Unsupported value of type 'date'");
  const lock = p.read("dvc.lock");
  p.write("params.yaml", params("'2001-01-01'"));
  expect(dvc(p, "status")).toBe("Data and pipelines are up to date.\n");
  expect(await p.run()).toMatchObject({ ok: true, lockChanged: false });
  rmSync(join(p.folder, "dvc.lock"));
  dvc(p, "repro", "--force");
  expect(p.read("dvc.lock")).toBe(lock);
});

test("DVC sees the same changes that reproduce sees", async () => {
  const p = project(FILES);
  await p.run();
  p.write("in.txt", "other\n");
  p.write("params.yaml", FILES["params.yaml"].replace("one: 1.0", "one: 2"));
  rmSync(join(p.folder, "model"));
  expect(JSON.parse(dvc(p, "status", "--json"))).toEqual({
    prepare: [{ "changed deps": { "in.txt": "modified", "params.yaml": { one: "modified" } } }],
    train: [{ "changed outs": { model: "deleted" } }],
    elsewhere: [{ "changed deps": { model: "deleted" } }],
  });
  expect((await p.run({ dry: true })).stages).toMatchObject({
    prepare: "would_run | deps: in.txt modified | params: params.yaml one modified",
    train: "would_run | outs: model deleted",
  });
});

test("the reference application is up to date for DVC, and DVC can run its stages", () => {
  const p = project({});
  const duetmind = join(ROOT, "bin", "duetmind.js");
  const run = (...args: readonly string[]) =>
    execFileSync(process.execPath, [duetmind, ...args], {
      cwd: p.folder,
      stdio: "pipe",
    }).toString();
  run("init", "demo", "--sample", "alzheimer");
  const demo = { ...p, folder: join(p.folder, "demo") };
  const reproduce = () =>
    JSON.parse(
      execFileSync(process.execPath, [duetmind, "reproduce", "--json"], {
        cwd: demo.folder,
        stdio: "pipe",
      }).toString(),
    ) as { ok: boolean; lock_changed: boolean };
  expect(reproduce()).toMatchObject({ ok: true, lock_changed: true });
  expect(dvc(demo, "status")).toBe("Data and pipelines are up to date.\n");
  const lock = readFileSync(join(demo.folder, "dvc.lock"), "utf8");
  // a local install, as npm makes it, is what `npx --no -- duetmind` finds under DVC
  const bin = join(demo.folder, "node_modules", ".bin");
  p.write(
    "demo/node_modules/.bin/duetmind",
    `#!/bin/sh\nexec '${process.execPath}' '${duetmind}' "$@"\n`,
  );
  chmodSync(join(bin, "duetmind"), 0o755);
  p.write("demo/package.json", '{"name": "demo", "private": true}');
  dvc(demo, "repro", "--force");
  expect(readFileSync(join(demo.folder, "dvc.lock"), "utf8")).toBe(lock);
  expect(reproduce()).toMatchObject({ ok: true, lock_changed: false });
});

test("a thousand random trees are written as DVC's writer writes them", () => {
  const trees = fc.sample(valueDocument, { numRuns: 1000, seed: 20260 });
  const script = `import sys, json
from dvc.utils.serialize import dumps_yaml
for line in sys.stdin: print(json.dumps(dumps_yaml(json.loads(line))))`;
  const { stdout } = spawnSync(python, ["-c", script], {
    input: `${trees.map((tree) => toPythonJson(tree)).join("\n")}\n`,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const expected = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as string);
  expect(expected).toHaveLength(1000);
  expect(trees.map((tree) => writeValues(tree))).toEqual(expected);
});
