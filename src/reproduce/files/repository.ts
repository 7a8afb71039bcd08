import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Effects } from "../../core/effects.ts";
import type { Environment } from "../../core/environment.ts";
import { openStatIndex, type StatIndex } from "../cache/stat-index.ts";
import { configText, type DvcConfig, readDvcConfig } from "./dvc-config.ts";
import { type IgnoreRules, readDvcIgnore } from "./ignore.ts";

/** A repository of DVC's as every command sees it. */
export type Repository = Readonly<{
  /** The folder that holds `.dvc`; where there is none, the folder the command was called in. */
  root: string;
  /** Where the command was called: targets and shown paths are relative to it. */
  cwd: string;
  /** A `.git` stands at the root or above it. */
  hasGit: boolean;
  config: DvcConfig;
  ignore: IgnoreRules;
  /** `.dvc/cache`, or `cache.dir` of the configuration. */
  cacheFolder: string;
  index: StatIndex;
}>;

export async function openRepository(
  cwd: string,
  env: Environment,
  effects: Effects,
): Promise<Repository> {
  const folder = resolve(cwd);
  const root = findUpwards(folder, ".dvc") ?? folder;
  const dvcFolder = join(root, ".dvc");
  const config = readDvcConfig(dvcFolder, env);
  return {
    root,
    cwd: folder,
    hasGit: findUpwards(root, ".git") !== null,
    config,
    ignore: readDvcIgnore(root),
    cacheFolder: configText(config, "cache", "dir") ?? join(dvcFolder, "cache"),
    index: openStatIndex(root, effects.clock),
  };
}

/** The nearest folder, this one or one around it, that holds something of this name. */
export function findUpwards(folder: string, name: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, name);
    if (name === ".dvc" ? isFolder(path) : existsSync(path)) return at;
    if (dirname(at) === at) return null;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
