import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Effects } from "../../core/effects.ts";
import { publishContent } from "../../core/files.ts";
import { configFlag } from "./dvc-config.ts";
import { createIgnoreRules } from "./ignore.ts";
import { findUpwards, type Repository } from "./repository.ts";

/**
 * Keeps what the cache holds out of git: a line `/name` in the .gitignore beside it, as DVC writes it,
 * unless git passes it over already. Returns the .gitignore files that changed; none without git.
 */
export async function ignoreInGit(
  paths: readonly string[],
  repository: Pick<Repository, "root" | "hasGit" | "config">,
  effects: Effects,
): Promise<readonly string[]> {
  const root = repository.hasGit ? findUpwards(repository.root, ".git") : null;
  if (root === null || configFlag(repository.config, "core", "no_scm") === true) return [];
  const rules = createIgnoreRules(root, ".gitignore", []);
  const added = new Map<string, string[]>();
  for (const path of paths) {
    // an out may not be there yet, and then its kind does not matter
    if (rules.isIgnored(path, false) || rules.isIgnored(path, true)) continue;
    const file = join(dirname(path), ".gitignore");
    added.set(file, [...(added.get(file) ?? []), `/${escapePattern(basename(path))}`]);
  }
  for (const [file, lines] of added) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    const start = text === "" || text.endsWith("\n") ? text : `${text}\n`;
    await publishContent(effects.files, file, `${start}${lines.join("\n")}\n`);
  }
  return [...added.keys()];
}

/** A name as a pattern that means nothing else. */
function escapePattern(name: string): string {
  return name.replace(/[\\*?[\]!#]|\s+$/g, (part) => [...part].map((mark) => `\\${mark}`).join(""));
}
