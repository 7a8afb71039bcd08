import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Effects } from "../../core/effects.ts";
import { DuetMindError } from "../../core/errors.ts";
import { directoryObject, hashDirectoryObject } from "../cache/directory-hash.ts";
import { readDirectoryObject } from "../cache/object-cache.ts";
import { createObjectStore } from "../cache/object-store.ts";
import { listFiles, readPathState } from "../cache/path-state.ts";
import { createObjectPlacer } from "../cache/place-object.ts";
import { planRestore } from "../cache/plan-restore.ts";
import { runRestore } from "../cache/restore.ts";
import { linkTypes, storeOut } from "../cache/store-out.ts";
import { ensureDvcFolder } from "../files/dvc-folder.ts";
import { ignoreInGit } from "../files/git-ignore.ts";
import type { Repository } from "../files/repository.ts";
import {
  dvcFileOut,
  type RecordedState,
  toRecordedState,
  withOuts,
  writeDvcFile,
} from "../files/write-dvc-file.ts";
import { collectStages } from "../pipeline/collect.ts";
import { resolvePath, type Stage, shownPath } from "../pipeline/stage.ts";
import type { ValueMap } from "../values/value.ts";
import type { DataFile, DataReport } from "./data-report.ts";

export type AddOptions = Readonly<{
  /** Whether the content goes into the cache; else the .dvc file alone is written. */
  commit: boolean;
  /** Paths of these that git has; adding them is refused. */
  trackedByGit(paths: readonly string[]): readonly string[];
}>;

export type AddReport = DataReport &
  Readonly<{
    /** What a person gives to git, relative to where the command was called. */
    written: readonly string[];
  }>;

/**
 * Puts files and folders into the cache and writes a .dvc file beside each, as `dvc add` does. All
 * targets are looked at before the first is stored; a .dvc file appears when its content is in the cache.
 */
export async function addData(
  targets: readonly string[],
  repository: Repository,
  options: AddOptions,
  effects: Effects,
): Promise<AddReport> {
  const stages = await collectStages(repository, effects);
  const planned = [...new Set(targets.map((target) => resolve(repository.cwd, target)))].map(
    (path) => planTarget(path, stages, repository),
  );
  refuseTracked(options.trackedByGit(planned.map(({ path }) => path)), repository);
  await ensureDvcFolder(repository.root, effects);
  const task = effects.progress.start("add");
  const files: DataFile[] = [];
  const written: string[] = [];
  for (const target of planned) {
    const state = await storeTarget(target, repository, options);
    const content = newContent(target, state);
    const isNew = target.stage === null || !isSame(target, state);
    if (isNew) {
      await writeDvcFile(target.dvcFile, content, effects);
      written.push(target.dvcFile);
    }
    const { md5, sizeBytes, fileCount } = state;
    files.push({ path: shownPath(repository.cwd, target.out), md5, sizeBytes, fileCount });
  }
  const outs = planned.map(({ out }) => out);
  const ignored = await ignoreInGit(outs, repository, effects);
  await repository.index.save(effects);
  task.done(`${files.length} ${files.length === 1 ? "target" : "targets"}`);
  return {
    files,
    changed: written.length,
    written: [...written, ...ignored].map((path) => shownPath(repository.cwd, path)),
  };
}

type Target = Readonly<{
  /** Absolute: what was named. */
  path: string;
  /** Absolute: the out that it is or lies in. */
  out: string;
  dvcFile: string;
  /** The .dvc file that is there already. */
  stage: Stage | null;
}>;

function planTarget(path: string, stages: readonly Stage[], repository: Repository): Target {
  const shown = shownPath(repository.cwd, path);
  const way = relative(repository.root, path);
  if (way === "" || way.startsWith("..")) {
    throw refused(shown, "a path inside the repository", "one outside, or the repository itself");
  }
  if (!existsSync(path)) {
    throw new DuetMindError("FILE_NOT_FOUND", `${shown}: expected a file or folder, got nothing`, {
      file: shown,
    });
  }
  if (/\.dvc$|^dvc\.(yaml|lock)$/.test(basename(path)) || `${way}/`.startsWith(".dvc/")) {
    throw refused(shown, "data", "a file of DVC's own");
  }
  if (repository.ignore.isIgnored(path, statSync(path).isDirectory())) {
    throw refused(shown, "a path that counts", "one that .dvcignore leaves out");
  }
  for (const stage of stages) {
    for (const out of stage.outs) {
      const known = resolvePath(stage, out.path);
      const isOwn = stage.name === null && stage.outs.length === 1;
      if (isOwn && (known === path || path.startsWith(`${known}/`))) {
        return { path, out: known, dvcFile: stage.file, stage };
      }
      if (known === path || path.startsWith(`${known}/`) || known.startsWith(`${path}/`)) {
        throw overlap(shown, stage);
      }
    }
  }
  return { path, out: path, dvcFile: `${path}.dvc`, stage: null };
}

async function storeTarget(
  target: Target,
  repository: Repository,
  { commit }: AddOptions,
): Promise<RecordedState> {
  if (target.path !== target.out) return storeInside(target, repository);
  if (!commit) return toRecordedState(readPathState(target.path, repository)!);
  const state = await storeOut(target.path, null, repository);
  const types = linkTypes(repository);
  if (types[0] === "hardlink" || types[0] === "symlink") {
    const { md5, isExecutable } = state;
    const shown = shownPath(repository.cwd, target.path);
    const wanted = { path: target.path, shown, md5, kind: "md5", isExecutable } as const;
    const plan = planRestore(wanted, state, repository, types);
    await runRestore(plan, createObjectPlacer(repository, types), repository.index);
  }
  return toRecordedState(state);
}

/** Of a folder that was added, takes one path as it stands now; DVC then records no size. */
async function storeInside(target: Target, repository: Repository): Promise<RecordedState> {
  const [recorded] = target.stage!.dvcFile!.recorded.outs.values();
  const before =
    recorded?.md5 === null || recorded === undefined
      ? null
      : readDirectoryObject(repository, recorded.md5);
  if (before === null) {
    throw new DuetMindError(
      "NOT_IN_CACHE",
      `${shownPath(repository.cwd, target.out)}: expected the list of its files in the cache, got none`,
      { file: target.dvcFile, hint: "get it with `duetmind fetch`, or add the whole folder" },
    );
  }
  const inside = relative(target.out, target.path);
  const kept = before.filter(
    ({ relpath }) => relpath !== inside && !relpath.startsWith(`${inside}/`),
  );
  const names = statSync(target.path).isDirectory()
    ? listFiles(target.path, repository.ignore).map((name) => `${inside}/${name}`)
    : [inside];
  const store = createObjectStore(repository, linkTypes(repository));
  const entries = [...kept];
  for (const relpath of names) {
    const path = join(target.out, relpath);
    const { md5 } = await store.storeFile(path, repository.index.find(path));
    entries.push({ relpath, md5 });
  }
  const object = directoryObject(entries);
  const md5 = hashDirectoryObject(object);
  store.storeDirectory(md5, object);
  return { md5, sizeBytes: null, fileCount: entries.length, isExecutable: false };
}

function newContent({ out, dvcFile, stage }: Target, state: RecordedState): ValueMap {
  if (stage === null) {
    return new Map([["outs", [dvcFileOut(relative(dirname(dvcFile), out), state)]]]);
  }
  return withOuts(stage.dvcFile!, new Map(stage.outs.map(({ path }) => [path, state])));
}

function isSame({ stage }: Target, state: RecordedState): boolean {
  const [recorded] = stage?.dvcFile?.recorded.outs.values() ?? [];
  if (recorded === undefined || recorded.isLegacy) return false;
  return (
    recorded.md5 === state.md5 &&
    recorded.sizeBytes === state.sizeBytes &&
    recorded.fileCount === state.fileCount &&
    recorded.isExecutable === state.isExecutable
  );
}

function refuseTracked(tracked: readonly string[], { cwd }: Repository): void {
  const [first] = tracked;
  if (first === undefined) return;
  const shown = shownPath(cwd, first);
  throw new DuetMindError(
    "CONFLICT",
    `${shown}: expected data that git does not track, got a path that git tracks`,
    { file: shown, hint: `git rm -r --cached '${shown}', commit, then add it again` },
  );
}

function refused(shown: string, expected: string, got: string): DuetMindError {
  return new DuetMindError("BAD_INPUT", `${shown}: expected ${expected}, got ${got}`, {
    file: shown,
  });
}

function overlap(shown: string, stage: Stage): DuetMindError {
  return new DuetMindError(
    "DVC_YAML_GRAPH",
    `${shown}: expected a path that no stage makes or holds, got one that overlaps an out of ${stage.address}`,
    { file: stage.file },
  );
}
