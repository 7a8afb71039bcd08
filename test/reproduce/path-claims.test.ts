import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { doClaimsMeet, type PathClaim } from "../../src/reproduce/run/path-claim.ts";
import { createProject, type TestProject } from "./project.ts";

let open: TestProject[] = [];
afterEach(() => {
  for (const project of open) project.remove();
  open = [];
});

function project(dvcYaml: string, pipes: readonly string[] = []): TestProject {
  const created = createProject({ "dvc.yaml": dvcYaml });
  open.push(created);
  if (pipes.length > 0) spawnSync("mkfifo", pipes, { cwd: created.folder });
  return created;
}

const path = fc
  .array(fc.constantFrom("a", "b", "ab"), { minLength: 1, maxLength: 3 })
  .map((names) => `/${names.join("/")}`);
const claim: fc.Arbitrary<PathClaim> = fc.record({
  reads: fc.array(path, { maxLength: 3 }),
  writes: fc.array(path, { maxLength: 3 }),
});

test("claims meet where one writes what the other has, or something around or inside it", () => {
  const isInside = (inner: string, outer: string) => `${inner}/`.startsWith(`${outer}/`);
  const touch = (x: string, y: string) => isInside(x, y) || isInside(y, x);
  fc.assert(
    fc.property(claim, claim, (a, b) => {
      const expected =
        a.writes.some((x) => [...b.reads, ...b.writes].some((y) => touch(x, y))) ||
        b.writes.some((x) => a.reads.some((y) => touch(x, y)));
      expect(doClaimsMeet(a, b)).toBe(expected);
      expect(doClaimsMeet(b, a)).toBe(expected);
    }),
  );
});

test("runs of stages with other outs work at the same time, and the lock has both", async () => {
  // each waits for the other: one after the other would never end
  const p = project(
    `stages:
  a: {cmd: 'echo from a > to-b; cat to-a > a', outs: [a]}
  b: {cmd: 'cat to-b > b; echo from b > to-a', outs: [b]}
`,
    ["to-a", "to-b"],
  );
  const runs = await Promise.all([p.run({ targets: ["a"] }), p.run({ targets: ["b"] })]);
  expect(runs.map(({ ok }) => ok)).toEqual([true, true]);
  expect(
    p
      .read("dvc.lock")
      .match(/^ {2}\w+:$/gm)
      ?.toSorted(),
  ).toEqual(["  a:", "  b:"]);
  expect(await p.run()).toMatchObject({ lockChanged: false });
  expect(readdirSync(join(p.folder, ".duetmind", "locks", "paths"))).toEqual([]);
});

test("a run waits for another that has its outs, and then finds them done", async () => {
  const p = project("stages: {a: {cmd: 'touch started; cat fifo > a', outs: [a]}}", ["fifo"]);
  const first = p.run();
  while (!p.has("started")) await new Promise(setImmediate);
  const second = p.run({ lockWaitMs: 60_000 });
  const writer = spawn("sh", ["-c", "echo done > fifo"], { cwd: p.folder });
  await once(writer, "exit");
  expect((await first).stages).toEqual({ a: "ran | new: not in dvc.lock" });
  expect((await second).stages).toEqual({ a: "unchanged" });
});

test("a claim of a process that is gone holds nobody up", async () => {
  const p = project("stages: {a: {cmd: touch a, outs: [a]}}");
  const { pid } = spawnSync("true");
  p.write(
    ".duetmind/locks/paths/1-x.json",
    JSON.stringify({
      ...{ pid, boot: "another boot", namespace: "", started: "1", since: "2026-01-01T00:00:00Z" },
      ...{ reads: [], writes: [join(p.folder, "a")] },
    }),
  );
  expect((await p.run()).ok).toBe(true);
});

test("paths that DVC itself works on are waited for, those of a DVC that was killed are not", async () => {
  const p = project("stages: {a: {cmd: touch a, outs: [a]}, b: {cmd: touch b, outs: [b]}}");
  const rwlock = (pid: number) =>
    p.write(
      ".dvc/tmp/rwlock",
      JSON.stringify({ write: { [join(p.folder, "a")]: { pid, cmd: "dvc repro" } }, read: {} }),
    );
  rwlock(process.pid);
  await expect(p.run()).rejects.toThrow(
    `pipeline: expected no other reproduce in this folder, got process ${process.pid}`,
  );
  expect((await p.run({ targets: ["b"] })).ok).toBe(true);
  rwlock(spawnSync("true").pid);
  expect((await p.run()).ok).toBe(true);
});

test("the lock that DVC holds on the repository is waited for", async () => {
  const p = project("stages: {a: {cmd: touch a, outs: [a]}}", ["fifo"]);
  p.write(".dvc/tmp/lock", "");
  const holder = spawn("flock", [".dvc/tmp/lock", "sh", "-c", "touch held; cat fifo"], {
    cwd: p.folder,
    stdio: "ignore",
  });
  while (!p.has("held")) await new Promise(setImmediate);
  await expect(p.run()).rejects.toThrow("pipeline: expected no other reproduce in this folder");
  const waiting = p.run({ lockWaitMs: 60_000 });
  p.write("fifo", "");
  await once(holder, "exit");
  expect((await waiting).ok).toBe(true);
});
