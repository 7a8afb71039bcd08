import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Files of one state; null takes a file away. */
export type Files = Readonly<Record<string, string | null>>;

/** A repository with a history, and what is asked of it. */
export type Scenario = Readonly<{
  /** False: a repository of DVC without git. */
  git?: boolean;
  commits: readonly Files[];
  /** Changes that are not committed. */
  workspace: Files;
  /** Texts that lie in DVC's cache. */
  cached?: readonly string[];
  /** Command lines, each with the folder it is called in when that is not the root. */
  commands: readonly (readonly string[])[];
}>;

export function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

/** DVC's object of a folder of texts. */
export function folderObject(files: Readonly<Record<string, string>>): string {
  const items = Object.keys(files)
    .sort()
    .map((path) => `{"md5": "${md5(files[path]!)}", "relpath": "${path}"}`);
  return `[${items.join(", ")}]`;
}

export function buildScenario(folder: string, scenario: Scenario): void {
  let minute = 0;
  const git = (...args: readonly string[]) => {
    const date = `2026-01-02T03:${String(minute).padStart(2, "0")}:05Z`;
    const env = { ...GIT, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    const { status, stderr } = spawnSync("git", args, { cwd: folder, env, encoding: "utf8" });
    if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  };
  const hasGit = scenario.git !== false;
  write(folder, {
    ".dvc/config": hasGit ? "" : "[core]\n    no_scm = True\n",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
    ".dvcignore": "# patterns\n",
  });
  if (hasGit) git("init", "-q", "-b", "main");
  for (const [i, files] of scenario.commits.entries()) {
    write(folder, files);
    if (!hasGit) continue;
    minute = i;
    git("add", "-A");
    git("commit", "-q", "-m", `commit ${i + 1}`, "--allow-empty");
    git("tag", `v${i + 1}`);
  }
  write(folder, scenario.workspace);
  for (const text of scenario.cached ?? []) {
    const hash = md5(text);
    const name = text.startsWith('[{"md5": ') ? `${hash}.dir` : hash;
    const path = join(folder, ".dvc", "cache", "files", "md5", name.slice(0, 2), name.slice(2));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, 0o444);
  }
}

const GIT = {
  PATH: process.env["PATH"],
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@example.org",
};

function write(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const at = join(folder, path);
    if (content === null) {
      rmSync(at, { recursive: true, force: true });
      continue;
    }
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, content);
  }
}
