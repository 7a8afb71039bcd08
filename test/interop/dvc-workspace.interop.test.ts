import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runWithFault } from "../support/run-with-fault.ts";
import { command, duetmind, dvc } from "./dvc-command.ts";

/** Real DVC 3.67.1 and DuetMind work on copies of one repository, and leave the same. */
const HOME = mkdtempSync(join(tmpdir(), "duetmind-gc-"));
afterAll(() => rmSync(HOME, { recursive: true, force: true }));

const HISTORY = join(HOME, "history");
const REPOSITORY = join(HISTORY, "r");

function put(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function git(args: readonly string[], date: string): string {
  const at = { GIT_AUTHOR_DATE: `${date}T12:00:00`, GIT_COMMITTER_DATE: `${date}T12:00:00` };
  const who = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
  return command(REPOSITORY, at, "git", ...who, ...args).trim();
}

function record(content: string, date: string): void {
  put(join(REPOSITORY, "x"), content);
  put(join(REPOSITORY, "d/changing"), content);
  dvc(REPOSITORY, "add", "-q", "x", "d");
  git(["add", "-A"], date);
  git(["commit", "-qm", content], date);
}

describe("garbage", () => {
  beforeAll(() => {
    mkdirSync(REPOSITORY, { recursive: true });
    git(["init", "-q", "-b", "main", "."], "2026-01-01");
    dvc(REPOSITORY, "init", "-q");
    dvc(REPOSITORY, "remote", "add", "-q", "-d", "store", "../store");
    dvc(REPOSITORY, "remote", "add", "-q", "other", "../other");
    put(join(REPOSITORY, "d/same"), "same");
    put(join(REPOSITORY, "apart"), "apart");
    dvc(REPOSITORY, "add", "-q", "apart");
    writeFileSync(join(REPOSITORY, "apart.dvc"), "  remote: other\n", { flag: "a" });
    record("one", "2026-01-01");
    git(["tag", "v1"], "2026-01-01");
    git(["checkout", "-q", "-b", "side"], "2026-01-02");
    record("side", "2026-01-02");
    git(["checkout", "-q", "main"], "2026-01-02");
    record("two", "2026-02-01");
    const baseline = git(["rev-parse", "HEAD"], "2026-02-01");
    git(["checkout", "-q", "--detach"], "2026-02-01");
    record("experiment", "2026-02-02");
    const name = `refs/exps/${baseline.slice(0, 2)}/${baseline.slice(2)}/wild-exp`;
    git(["update-ref", name, "HEAD"], "2026-02-02");
    git(["checkout", "-q", "main"], "2026-02-02");
    record("three", "2026-03-01");
    dvc(REPOSITORY, "push", "-q", "-A");
    record("unpushed", "2026-04-01");
    put(join(REPOSITORY, "x"), "work");
    dvc(REPOSITORY, "add", "-q", "x");
  }, 120_000);

  function objects(folder: string): readonly string[] {
    return ["r/.dvc/cache/files", "store/files", "other/files"].flatMap((place) =>
      readdirSync(join(folder, place), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => `${place}: ${entry.name}`)
        .sort(),
    );
  }

  test.each([
    "-w",
    "-T --all-experiments",
    "-A",
    "--rev main -n 3",
    "-a -n 2",
    "--date 2026-02-01",
    "-w -c",
    "-T -c -r store",
    "-A --not-in-remote",
  ])(
    "gc %s",
    (flags) => {
      const left = [dvc, duetmind].map((run, i) => {
        const copy = join(HOME, `copy${i}`);
        rmSync(copy, { recursive: true, force: true });
        cpSync(HISTORY, copy, { recursive: true, verbatimSymlinks: true });
        run(join(copy, "r"), "gc", ...flags.split(" "), "--force");
        return objects(copy);
      });
      expect(left[1]).toEqual(left[0]);
      expect(left[0]!.length).toBeLessThan(objects(HISTORY).length);
    },
    60_000,
  );
});

/** Lets both tools do the same to folders of their own, and compares what they say and leave. */
function compareInBoth(name: string, work: (folder: string, run: typeof dvc) => string): void {
  const [theirs, ours] = [dvc, duetmind].map((run, i) => {
    const folder = join(HOME, `${name}${i}`);
    mkdirSync(folder);
    dvc(folder, "init", "-q", "--no-scm");
    const said = work(folder, run);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => !/^\.dvc(?:$|\/tmp|ignore$)|^\.duetmind/.test(path))
      .sort();
    return { said, files };
  });
  expect(ours).toEqual(theirs);
}

test("checkout takes away the outs that nothing names any more, and no file that was changed", () => {
  compareInBoth("unused", (folder, run) => {
    for (const name of ["x", "d/1", "d/s/2", "mine/1", "changed", "kept"]) {
      put(join(folder, name), `${name}\n`);
    }
    put(
      join(folder, "dvc.yaml"),
      "stages:\n  s: {cmd: echo o > out, outs: [out]}\n  m: {cmd: echo m > m, metrics: [{m: {cache: false}}]}\n",
    );
    run(folder, "add", "-q", "x", "d", "mine", "changed", "kept");
    run(folder, "repro", "-q");
    for (const name of ["x", "d", "mine", "changed"]) rmSync(join(folder, `${name}.dvc`));
    put(join(folder, "dvc.yaml"), "stages: {}\n");
    put(join(folder, "changed"), "other\n");
    put(join(folder, "mine/untracked"), "");
    return run(folder, "checkout") + run(folder, "checkout", "--summary");
  });
});

test("repro --pull TARGET brings what the target needs and nothing else", () => {
  compareInBoth("pulled", (folder, run) => {
    put(join(folder, "in"), "in\n");
    put(
      join(folder, "dvc.yaml"),
      `stages:
  a: {cmd: cat in > a, deps: [in], outs: [a]}
  b: {cmd: cat a > b, deps: [a], outs: [b]}
  c: {cmd: echo c > c, outs: [c]}
`,
    );
    run(folder, "add", "-q", "in");
    run(folder, "repro", "-q");
    run(folder, "remote", "add", "-d", "store", join(folder, "store"));
    run(folder, "push", "--run-cache");
    for (const name of [".dvc/cache", "in", "a", "b", "c"]) {
      rmSync(join(folder, name), { recursive: true });
    }
    run(folder, "repro", "--pull", "b");
    return "";
  });
});

test.each(["add", "checkout"] as const)(
  "after kill -9 in any part of %s both tools see the same, and DVC does the rest",
  (task) => {
    const argv = task === "add" ? ["add", "d", "x"] : ["checkout"];
    for (let at = 1; ; at += 7) {
      const folder = join(HOME, `killed-${task}-${at}`);
      mkdirSync(folder);
      dvc(folder, "init", "-q", "--no-scm");
      for (const name of ["d/1", "d/s/2", "x"]) put(join(folder, name), `${name}\n`);
      if (task === "checkout") {
        duetmind(folder, "add", "d", "x");
        for (const name of ["d", "x"]) rmSync(join(folder, name), { recursive: true });
      }
      const { isReached } = runWithFault(folder, argv, "kill", at);
      expect(JSON.parse(duetmind(folder, "status", "--json"))).toEqual(
        JSON.parse(dvc(folder, "status", "--json")),
      );
      dvc(folder, ...argv, "-q");
      expect(dvc(folder, "status")).toBe("Data and pipelines are up to date.\n");
      expect(duetmind(folder, "status")).toBe("Data and pipelines are up to date.\n");
      if (!isReached) break;
    }
  },
  240_000,
);
