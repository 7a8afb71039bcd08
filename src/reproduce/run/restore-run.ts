import { isAbsolute, relative } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import { readPathState } from "../cache/path-state.ts";
import { createObjectPlacer, type ObjectPlacer } from "../cache/place-object.ts";
import { planRestore } from "../cache/plan-restore.ts";
import { runRestore } from "../cache/restore.ts";
import { linkTypes } from "../cache/store-out.ts";
import type { LockEntry } from "../files/lock-file.ts";
import type { Repository } from "../files/repository.ts";
import { type PipelineStage, resolvePath, type Stage, shownPath } from "../pipeline/stage.ts";
import { compareCodePoints } from "../values/python-text.ts";
import { equalValues, type Value, type ValueMap } from "../values/value.ts";
import { type CachedOut, findRuns, hasRunCache, runKey } from "./run-cache.ts";

/** Where a repository keeps what its runs made. */
export function runsFolder({ cacheFolder }: Repository): string {
  return `${cacheFolder}/runs`;
}

/** True for a stage of which the run-cache may say what a run makes. */
export function isRepeatable(stage: Stage, { root }: Repository): boolean {
  return hasRunCache(stage, (path) => {
    const way = relative(root, resolvePath(stage, path));
    return !way.startsWith("..") && !isAbsolute(way);
  });
}

/** The outs that dvc.lock records, when it records every one. */
export function recordedOuts(
  stage: Stage,
  entry: LockEntry | undefined,
): readonly CachedOut[] | null {
  const outs = stage.outs.map(({ path }): CachedOut | null => {
    const { md5, isExecutable } = entry?.outs.get(path) ?? { md5: null, isExecutable: false };
    return md5 === null ? null : { path, md5, isExecutable };
  });
  return outs.includes(null) ? null : (outs as readonly CachedOut[]);
}

/**
 * The outs of earlier runs with the same inputs; `entry` is the lock entry without outs. The key leaves
 * out every `size`, also that of a parameter, so the parameters themselves are compared.
 */
export function* earlierRuns(
  stage: PipelineStage,
  entry: ValueMap,
  repository: Repository,
): Generator<readonly CachedOut[]> {
  const paths = stage.outs.map(({ path }) => path).sort(compareCodePoints);
  const outs = paths.map((path): Value => new Map([["path", path]]));
  const key = runKey(new Map(entry).set("outs", outs));
  for (const run of findRuns(runsFolder(repository), key)) {
    if (equalValues(run.params, entry.get("params") ?? null)) yield run.outs;
  }
}

/** Brings the first of these runs' outs into their places that the cache holds whole; false: none. */
export async function restoreOuts(
  stage: PipelineStage,
  runs: Iterable<readonly CachedOut[]>,
  repository: Repository,
): Promise<boolean> {
  const placer = createObjectPlacer(repository, linkTypes(repository));
  const copier = createObjectPlacer(repository, ["copy"]);
  for (const outs of runs) {
    try {
      await restoreRun(stage, outs, repository, { placer, copier });
      return true;
    } catch (error) {
      if (!(error instanceof DuetMindError) || error.code !== "NOT_IN_CACHE") throw error;
    }
  }
  return false;
}

/** An out that is not cached is copied: the person has it in git, where a link would be a surprise. */
async function restoreRun(
  stage: PipelineStage,
  outs: readonly CachedOut[],
  repository: Repository,
  { placer, copier }: Readonly<{ placer: ObjectPlacer; copier: ObjectPlacer }>,
): Promise<void> {
  const plans = outs.map((out) => {
    const path = resolvePath(stage, out.path);
    const wanted = { ...out, path, shown: shownPath(repository.cwd, path), kind: "md5" } as const;
    const isCached = stage.outs.find((one) => one.path === out.path)?.isCached ?? true;
    return { isCached, plan: planRestore(wanted, readPathState(path, repository), repository) };
  });
  for (const { isCached, plan } of plans)
    await runRestore(plan, isCached ? placer : copier, repository.index);
}
