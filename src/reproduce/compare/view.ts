import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Effects } from "../../core/effects.ts";
import { parseDvcFile } from "../files/dvc-file.ts";
import { type LockFiles, openLockFiles, parseLockFile } from "../files/lock-file.ts";
import type { Repository } from "../files/repository.ts";
import { type Collected, collectRepository, isStageFile } from "../pipeline/collect.ts";
import { type Pipeline, parsePipeline } from "../pipeline/pipeline.ts";
import { dvcFileStage, resolvePath, type Stage } from "../pipeline/stage.ts";
import { readValues } from "../values/read-values.ts";
import { isValueMap } from "../values/value.ts";
import type { Git } from "./git.ts";

/**
 * A repository at one time: in the workspace, or in a commit. Paths are absolute and the same in both:
 * a commit stands where the workspace stands.
 */
export type View = Collected & Readonly<{ files: ViewFiles; locks: LockFiles }>;

/** What git tracks in a commit, or what stands in the workspace. */
export type ViewFiles = Readonly<{
  /** Null: there is no such file. */
  readBytes(path: string): Buffer | null;
  isFolder(path: string): boolean;
  /** The files below a folder, sorted. */
  filesIn(folder: string): readonly string[];
}>;

export async function workspaceView(repository: Repository, effects: Effects): Promise<View> {
  const collected = await collectRepository(repository, effects);
  return { ...collected, files: workspaceFiles(repository), locks: openLockFiles() };
}

function workspaceFiles(repository: Repository): ViewFiles {
  const statOf = (path: string) => statSync(path, { throwIfNoEntry: false });
  return {
    readBytes: (path) => (statOf(path)?.isFile() === true ? readFileSync(path) : null),
    isFolder: (path) => statOf(path)?.isDirectory() === true,
    filesIn(folder) {
      if (!existsSync(folder)) return [];
      return readdirSync(folder, { recursive: true, encoding: "utf8" })
        .map((name) => join(folder, name))
        .filter(
          (path) => statOf(path)?.isFile() === true && !repository.ignore.isIgnored(path, false),
        )
        .sort();
    },
  };
}

/** The view of a commit; null: it holds no folder of this repository. */
export function commitView(commit: string, git: Git, repository: Repository): View | null {
  const blobs = ownBlobs(git.listFiles(commit), git, repository);
  if (blobs.size === 0 && repository.root !== git.root) return null;
  const files = commitFiles(blobs, git);
  const text = (path: string) => files.readBytes(path)?.toString("utf8") ?? null;
  const stages: Stage[] = [];
  const pipelines = new Map<string, Pipeline>();
  for (const path of stageFiles(blobs, repository)) {
    if (path.endsWith(".dvc")) {
      stages.push(readDvcStage(text(path)!, path, repository));
      continue;
    }
    const pipeline = parsePipeline(text(path)!, path, { ...repository, readText: text });
    pipelines.set(path, pipeline);
    stages.push(...pipeline.stages);
  }
  const locks = openLockFiles((path) => parseLockFile(text(path)));
  return { stages: outsideOuts(stages), pipelines, files, locks };
}

/** The files of a commit below the repository, but for those of repositories inside it. */
function ownBlobs(
  all: ReadonlyMap<string, string>,
  git: Git,
  { root }: Repository,
): ReadonlyMap<string, string> {
  const below = [...all].flatMap(([path, id]): [string, string][] => {
    const at = join(git.root, path);
    return at.startsWith(`${root}/`) ? [[at, id]] : [];
  });
  const inner = new Set(
    below.flatMap(([path]) => /^(.+?)\/\.dvc\//.exec(path.slice(root.length))?.[1] ?? []),
  );
  if (inner.size === 0) return new Map(below);
  const isInside = (way: string): boolean =>
    way !== "/" && (inner.has(way) || isInside(dirname(way)));
  return new Map(below.filter(([path]) => !isInside(dirname(path.slice(root.length)))));
}

function readDvcStage(text: string, path: string, repository: Repository): Stage {
  const shown = relative(repository.cwd, path);
  const content = readValues(text, shown, "DVC_YAML_SCHEMA");
  return dvcFileStage(parseDvcFile(isValueMap(content) ? content : new Map(), path, shown), shown);
}

/** Folder by folder from the root, as the workspace is walked. */
function stageFiles(blobs: ReadonlyMap<string, string>, { root, ignore }: Repository): string[] {
  const depth = (path: string) => relative(root, path).split("/").length;
  return [...blobs.keys()]
    .filter((path) => isStageFile(path.slice(path.lastIndexOf("/") + 1)))
    .filter((path) => !ignore.isIgnored(path, false))
    .sort((a, b) => depth(a) - depth(b) || (dirname(a) < dirname(b) ? -1 : a < b ? -1 : 1));
}

/** Stage files that lie in an out are data. */
function outsideOuts(stages: readonly Stage[]): readonly Stage[] {
  const outs = new Set(
    stages.flatMap((stage) => stage.outs.map(({ path }) => resolvePath(stage, path))),
  );
  const isInside = (path: string): boolean =>
    outs.has(path) || (dirname(path) !== path && isInside(dirname(path)));
  return stages.filter(({ file }) => !isInside(dirname(file)));
}

function commitFiles(blobs: ReadonlyMap<string, string>, git: Git): ViewFiles {
  const read = new Map<string, Buffer>();
  const first = [...blobs].filter(([path]) =>
    /(?:\/dvc\.(?:yaml|lock)|\.dvc|\/params\.yaml)$/.test(path),
  );
  const fetch = (ids: readonly string[]) => {
    for (const [id, bytes] of git.readBlobs(ids)) read.set(id, bytes);
  };
  fetch(first.map(([, id]) => id));
  const folders = new Set<string>();
  for (const path of blobs.keys()) {
    for (let at = dirname(path); !folders.has(at) && at !== dirname(at); at = dirname(at))
      folders.add(at);
  }
  return {
    readBytes(path) {
      const id = blobs.get(path);
      if (id === undefined) return null;
      if (!read.has(id)) fetch([id]);
      return read.get(id) ?? null;
    },
    isFolder: (path) => folders.has(path),
    filesIn: (folder) => [...blobs.keys()].filter((path) => path.startsWith(`${folder}/`)).sort(),
  };
}
