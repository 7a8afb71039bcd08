import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Effects } from "../../core/effects.ts";
import type { Environment } from "../../core/environment.ts";
import { DuetMindError } from "../../core/errors.ts";
import { publishContent } from "../../core/files.ts";
import { configFlag } from "./dvc-config.ts";
import { createIgnoreRules } from "./ignore.ts";
import { findUpwards, type Repository } from "./repository.ts";

type GitPlace = Pick<Repository, "root" | "hasGit" | "config">;

/** The folder of `.git`, where git is to be told of outs: `core.no_scm` may say otherwise. */
function gitRoot({ root, hasGit, config }: GitPlace): string | null {
  if (!hasGit || configFlag(config, "core", "no_scm") === true) return null;
  return findUpwards(root, ".git");
}

export function usesGit(place: GitPlace): boolean {
  return gitRoot(place) !== null;
}

/** Refuses outs of which git tracks something: two would keep one file. */
export function refuseTracked(paths: readonly string[], place: GitPlace, env: Environment): void {
  if (paths.length === 0 || !usesGit(place)) return;
  const literal = { ...env, LC_ALL: "C", GIT_LITERAL_PATHSPECS: "1" };
  const { status, stdout, stderr, error } = spawnSync(
    "git",
    ["--no-optional-locks", "ls-files", "-z", "--", ...paths],
    { cwd: place.root, env: literal, encoding: "utf8", maxBuffer: 1 << 30 },
  );
  if (error !== undefined || status !== 0) {
    throw new DuetMindError(
      "PART_MISSING",
      `git ls-files: expected an answer, got ${error?.message ?? stderr.trim()}`,
      { hint: "install git, or set core.no_scm to true in .dvc/config" },
    );
  }
  const tracked = stdout.split("\0")[0]!;
  if (tracked === "") return;
  throw new DuetMindError(
    "BAD_INPUT",
    `${tracked}: expected data that git does not track, got a file that it tracks`,
    { file: tracked, hint: `git rm -r --cached '${tracked}', and commit that` },
  );
}

/**
 * Puts outs into the .gitignore beside them, unless git ignores them anyway. Returns the .gitignore
 * files that changed. A stage that runs asks this too, so it starts no process of git.
 */
export async function ignoreInGit(
  paths: readonly string[],
  place: GitPlace,
  effects: Effects,
): Promise<readonly string[]> {
  const root = gitRoot(place);
  if (root === null || paths.length === 0) return [];
  const rules = createIgnoreRules(root, ".gitignore", []);
  const added = new Map<string, string[]>();
  for (const path of paths) {
    // an out may not be there yet, and then its kind does not matter
    if (rules.isIgnored(path, false) || rules.isIgnored(path, true)) continue;
    const file = join(dirname(path), ".gitignore");
    added.set(file, [...(added.get(file) ?? []), ignoreLine(basename(path))]);
  }
  for (const [file, lines] of added) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    const start = text === "" || text.endsWith("\n") ? text : `${text}\n`;
    await publishContent(effects.files, file, `${start}${lines.join("\n")}\n`);
  }
  return [...added.keys()];
}

/** Takes outs out of the .gitignore beside them; one that is then empty goes. */
export async function unignoreInGit(paths: readonly string[], effects: Effects): Promise<void> {
  for (const path of paths) {
    const file = join(dirname(path), ".gitignore");
    if (!existsSync(file)) continue;
    const lines = readFileSync(file, "utf8").split(/(?<=\n)/);
    const left = lines.filter((line) => line.trimEnd() !== ignoreLine(basename(path)));
    if (left.length === lines.length) continue;
    if (left.join("").trim() === "") rmSync(file);
    else await publishContent(effects.files, file, left.join(""));
  }
}

/** `/name`, with what a pattern would read as more than a letter behind a backslash. */
function ignoreLine(name: string): string {
  return `/${name.replace(/[[\]!*#?]/g, "\\$&")}`;
}
