import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createProject, type TestProject } from "./project.ts";

const ROOT = join(import.meta.dirname, "..", "..");
let open: TestProject[] = [];
afterEach(() => {
  for (const project of open) project.remove();
  open = [];
});

/** A chain of stages and a stage beside it. */
function project(cmd = (name: string, dep: string) => `cat ${dep} > ${name}; echo ${name} >> log`) {
  const stages = ["a", "b", "c", "d"].map((name, i, all) => {
    const dep = all[i - 1] ?? "in";
    return `  ${name}: {cmd: '${cmd(name, dep)}', deps: [${dep}], outs: [${name}]}`;
  });
  const created = createProject({
    "dvc.yaml": `stages:\n${stages.join("\n")}\n  beside: {cmd: echo x > beside, outs: [beside]}\n`,
    in: "x\n",
  });
  open.push(created);
  return created;
}

/** The lock that a run without a kill writes. */
async function wholeLock(cmd?: (name: string, dep: string) => string): Promise<string> {
  const p = project(cmd);
  p.write("killed", "");
  await p.run({ jobs: 1 });
  return p.read("dvc.lock");
}

/** Runs reproduce in a process of its own that kills itself at the nth time that it publishes a file. */
function runKilledAt(p: TestProject, publish: number, when: "before" | "after"): string | null {
  const script = join(import.meta.dirname, "killed-run.ts");
  const { signal, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", script, p.folder, String(publish), when],
    { cwd: ROOT, encoding: "utf8" },
  );
  if (signal === null && stderr !== "") throw new Error(stderr);
  return signal;
}

test("a run that kills itself in any of its stages is gone on with, and the lock is the same", async () => {
  for (const victim of ["a", "c", "d"]) {
    const cmd = (name: string, dep: string) =>
      name === victim
        ? `test -f killed || { touch killed; kill -9 $PPID; }; cat ${dep} > ${name}; echo ${name} >> log`
        : `cat ${dep} > ${name}; echo ${name} >> log`;
    const p = project(cmd);
    expect(runKilledAt(p, 0, "before")).toBe("SIGKILL");
    const outcome = await p.run({ jobs: 1 });
    expect(outcome.ok).toBe(true);
    const before = ["a", "b", "c", "d"].slice(0, ["a", "b", "c", "d"].indexOf(victim));
    for (const name of before) expect(outcome.stages[name]).toBe("unchanged");
    expect(outcome.stages[victim]).toBe("ran | new: not in dvc.lock");
    expect(p.read("dvc.lock")).toBe(await wholeLock(cmd));
    expect(readdirSync(join(p.folder, ".duetmind", "reproduce"))).toEqual([]);
  }
}, 120_000);

test.each(["before", "after"] as const)(
  "a kill -9 %s any write of a file is gone on with, and no stage that was done runs again",
  async (when) => {
    const lock = await wholeLock();
    let kills = 0;
    for (let publish = 1; ; publish++) {
      const p = project();
      if (runKilledAt(p, publish, when) === null) break;
      kills += 1;
      const done = existsSync(join(p.folder, "log")) ? p.read("log").split("\n").slice(0, -1) : [];
      expect(await p.run({ jobs: 1 })).toMatchObject({ ok: true });
      expect(p.read("dvc.lock")).toBe(lock);
      expect(readdirSync(p.folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
      // at most the stage that was running then ran twice
      const twice = p.read("log").split("\n").length - 1 - 4;
      expect(twice).toBeLessThanOrEqual(done.length === 0 ? 0 : 1);
      expect((await p.run()).lockChanged).toBe(false);
      p.remove();
    }
    expect(kills).toBeGreaterThan(5);
  },
  240_000,
);

test("a stage that a killed run left running is ended before the next run looks at anything", async () => {
  const p = project((name, dep) =>
    name === "b"
      ? "test -f killed || { touch killed; kill -9 $PPID; cat fifo; echo late > b; }; cat a > b"
      : `cat ${dep} > ${name}`,
  );
  spawnSync("mkfifo", [join(p.folder, "fifo")]);
  expect(runKilledAt(p, 0, "before")).toBe("SIGKILL");
  expect((await p.run({ jobs: 1 })).ok).toBe(true);
  expect(p.read("b")).toBe("x\n");
}, 60_000);

test("what a killed run did is not put into a lock that somebody changed since then", async () => {
  const p = project();
  expect(runKilledAt(p, 1_000, "before")).toBe(null);
  const lock = p.read("dvc.lock");
  p.write("in", "other\n");
  p.write(
    "dvc.yaml",
    p
      .read("dvc.yaml")
      .replace("cat c > d", "test -f killed || { touch killed; kill -9 $PPID; }; cat c > d"),
  );
  expect(runKilledAt(p, 0, "before")).toBe("SIGKILL");
  const older = lock.replace(/ {2}beside:\n(?: {4}.*\n)+/, "");
  p.write("dvc.lock", older);
  expect((await p.run({ dry: true, targets: ["a"] })).stages).toEqual({
    a: "would_run | deps: in modified",
  });
  await p.run({ targets: ["beside"] });
  expect(p.read("dvc.lock")).toBe(lock);
}, 60_000);
