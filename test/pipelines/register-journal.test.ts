import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fixedClock } from "../../src/core/clock.ts";
import { realEffects } from "../../src/core/effects.ts";
import { digestBytes, digestHex } from "../../src/core/hash.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { readGitState } from "../../src/pipelines/register-git.ts";
import { readJournal, writeJournal } from "../../src/pipelines/register-journal.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "duetmind-journal-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const record = { stage: "data", digest: digestBytes("a record") } as const;
const effects = { ...realEffects, clock: fixedClock("2026-11-23T10:00:05Z") };
const run = { command: "duetmind data", startedAt: new Date("2026-11-23T10:00:00Z") };

test("the first run of a record is its origin; a later run with the same bytes does not replace it", async () => {
  const project = { root } as Project;
  expect(await readJournal(project, record, effects)).toBeNull();
  await writeJournal(project, record, run, "ann", effects);
  await writeJournal(project, record, { ...run, command: "later" }, "bob", effects);
  expect(await readJournal(project, record, effects)).toEqual({
    schema_version: 1,
    command: "duetmind data",
    user: "ann",
    started_at: "2026-11-23T10:00:00.000Z",
    ended_at: "2026-11-23T10:00:05.000Z",
    git: null,
  });
});

test("a journal that somebody broke is named", async () => {
  const folder = join(root, ".duetmind", "journal");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `data-${digestHex(record.digest)}.json`);
  writeFileSync(path, '{"schema_version": 2}');
  await expect(readJournal({ root } as Project, record, effects)).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: `${path}: schema_version: expected 1, got 2`,
  });
});

test("the commit, the branch and whether files differ from the commit", async () => {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], {
      cwd: root,
      encoding: "utf8",
    });
  expect(await readGitState(root)).toBeNull();
  git("init", "-q", "-b", "trunk");
  expect(await readGitState(root)).toBeNull(); // no commit yet
  writeFileSync(join(root, "a.txt"), "one");
  git("add", "a.txt");
  git("commit", "-q", "-m", "First");
  const commit = git("rev-parse", "HEAD").trim();
  writeFileSync(join(root, "untracked.txt"), "outputs are not the code");
  expect(await readGitState(root)).toEqual({ commit, branch: "trunk", dirty: false });
  writeFileSync(join(root, "a.txt"), "two");
  expect(await readGitState(root)).toEqual({ commit, branch: "trunk", dirty: true });
});
