import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { command, duetmind, dvc } from "./dvc-command.ts";

/** Real DVC 3.67.1 and DuetMind collect garbage in copies of one history, and leave the same objects. */
const HOME = mkdtempSync(join(tmpdir(), "duetmind-gc-"));
const HISTORY = join(HOME, "history");
const REPOSITORY = join(HISTORY, "r");

afterAll(() => rmSync(HOME, { recursive: true, force: true }));

function git(args: readonly string[], date: string): string {
  const at = { GIT_AUTHOR_DATE: `${date}T12:00:00`, GIT_COMMITTER_DATE: `${date}T12:00:00` };
  const who = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
  return command(REPOSITORY, at, "git", ...who, ...args).trim();
}

function write(path: string, content: string): void {
  mkdirSync(dirname(join(REPOSITORY, path)), { recursive: true });
  writeFileSync(join(REPOSITORY, path), content);
}

function record(content: string, date: string): void {
  write("x", content);
  write("d/changing", content);
  dvc(REPOSITORY, "add", "-q", "x", "d");
  git(["add", "-A"], date);
  git(["commit", "-qm", content], date);
}

beforeAll(() => {
  mkdirSync(REPOSITORY, { recursive: true });
  git(["init", "-q", "-b", "main", "."], "2026-01-01");
  dvc(REPOSITORY, "init", "-q");
  dvc(REPOSITORY, "remote", "add", "-q", "-d", "store", "../store");
  dvc(REPOSITORY, "remote", "add", "-q", "other", "../other");
  write("d/same", "same");
  write("apart", "apart");
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
  write("x", "work");
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
