import { opendirSync } from "node:fs";
import { dirname } from "node:path";
import type { Effects } from "../../core/effects.ts";
import { readDvcFile } from "../files/dvc-file.ts";
import { createIgnoreRules, type IgnoreRules } from "../files/ignore.ts";
import { findUpwards, type Repository } from "../files/repository.ts";
import { type Pipeline, readPipeline } from "./pipeline.ts";
import { dvcFileStage, resolvePath, type Stage, shownPath } from "./stage.ts";

/**
 * Every stage of a repository: folder by folder from the root, in each folder dvc.yaml and the .dvc
 * files as the directory lists them. Folders that are outs, and what .dvcignore and git ignore, are
 * not entered.
 */
export async function collectStages(
  repository: Repository,
  effects: Effects,
): Promise<readonly Stage[]> {
  return (await collectRepository(repository, effects)).stages;
}

/** The stages of a repository and, by their paths, what its dvc.yaml files say. */
export type Collected = Readonly<{
  stages: readonly Stage[];
  pipelines: ReadonlyMap<string, Pipeline>;
}>;

export async function collectRepository(
  repository: Repository,
  effects: Effects,
): Promise<Collected> {
  const stages: Stage[] = [];
  const pipelines = new Map<string, Pipeline>();
  const outs = new Set<string>();
  const git = gitRules(repository);
  const add = (found: readonly Stage[]) => {
    for (const stage of found) {
      stages.push(stage);
      for (const { path } of stage.outs) outs.add(resolvePath(stage, path));
    }
  };
  const folders = [repository.root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const { files, inner } = listFolder(folder, repository.ignore, git);
    for (const name of files) {
      const file = pathIn(folder, name);
      if (name === "dvc.yaml") {
        const pipeline = await readPipeline(folder, repository, effects);
        pipelines.set(file, pipeline);
        add(pipeline.stages);
      } else add([readDvcStage(file, repository)]);
    }
    folders.push(...inner.filter((path) => !outs.has(path)).reverse());
  }
  return { stages, pipelines };
}

/** The stages of one dvc.yaml, or the one of a .dvc file. */
export async function readStageFile(
  file: string,
  repository: Repository,
  effects: Effects,
): Promise<readonly Stage[]> {
  if (file.endsWith(".dvc")) return [readDvcStage(file, repository)];
  return (await readPipeline(dirname(file), repository, effects)).stages;
}

function readDvcStage(file: string, repository: Repository): Stage {
  const shown = shownPath(repository.cwd, file);
  return dvcFileStage(readDvcFile(file, shown), shown);
}

/** A folder's own entry: `join` takes a while for thousands. */
function pathIn(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}

/** True for the names that hold stages. */
export function isStageFile(name: string): boolean {
  return name === "dvc.yaml" || (name.endsWith(".dvc") && name !== ".dvc");
}

type Listing = Readonly<{ files: readonly string[]; inner: readonly string[] }>;

function listFolder(folder: string, ignore: IgnoreRules, git: IgnoreRules | null): Listing {
  const files: string[] = [];
  const inner: string[] = [];
  const isIgnored = ignore.inFolder(folder);
  const isGitIgnored = git?.inFolder(folder) ?? (() => false);
  const dir = opendirSync(folder, { bufferSize: 4096 });
  try {
    for (let entry = dir.readSync(); entry !== null; entry = dir.readSync()) {
      const { name } = entry;
      const isFolder = entry.isDirectory();
      if (!isFolder && !isStageFile(name)) continue;
      if (isIgnored(name, isFolder) || isGitIgnored(name, isFolder)) continue;
      if (isFolder) inner.push(pathIn(folder, name));
      else files.push(name);
    }
  } finally {
    dir.closeSync();
  }
  return { files, inner };
}

function gitRules(repository: Repository): IgnoreRules | null {
  const root = repository.hasGit ? findUpwards(repository.root, ".git") : null;
  return root === null ? null : createIgnoreRules(root, ".gitignore", []);
}
