import { existsSync, readFileSync } from "node:fs";
import type { Effects } from "../../core/effects.ts";
import type { Environment } from "../../core/environment.ts";
import { DuetMindError } from "../../core/errors.ts";
import { publishContent, removeLeftovers } from "../../core/files.ts";
import type { PathState } from "../cache/path-state.ts";
import { rememberPlaced } from "../cache/placed-outs.ts";
import { storeOut } from "../cache/store-out.ts";
import { ignoreInGit, refuseTracked } from "../files/git-ignore.ts";
import { lockEntry, lockPath, openLockFiles, recordedEntry } from "../files/lock-file.ts";
import { entryText, putEntries } from "../files/lock-text.ts";
import type { Repository } from "../files/repository.ts";
import { type RecordedOut, recordedState, writeDvcFile } from "../files/write-dvc-file.ts";
import { collectStages } from "../pipeline/collect.ts";
import { type OutTargets, selectOuts } from "../pipeline/select-outs.ts";
import { isPipelineStage, resolvePath, type Stage, shownPath } from "../pipeline/stage.ts";
import { inputChanges, outChanges } from "../run/decide.ts";
import { underClaimsLock } from "../run/path-claims.ts";
import { readInputs, readOuts, requireInputs } from "../run/stage-inputs.ts";
import { relinkOut } from "./relink-out.ts";

export type CommitOptions = OutTargets &
  Readonly<{
    /** Records what changed, too. */
    force: boolean;
    noRelink: boolean;
    env: Environment;
  }>;

/**
 * Puts the outs of stages and .dvc files into the cache as they stand. What differs from what is
 * recorded is recorded with `force`, and refused without it.
 */
export async function commitStages(
  repository: Repository,
  options: CommitOptions,
  effects: Effects,
): Promise<readonly RecordedOut[]> {
  const all = await collectStages(repository, effects);
  const chosen = new Set(selectOuts(all, options, repository).map(({ stage }) => stage));
  const locks = openLockFiles();
  const committed: RecordedOut[] = [];
  const placed = new Map<string, string>();
  removeLeftovers(...all.filter(({ dvcFile }) => dvcFile !== null).map(({ file }) => file));
  try {
    for (const stage of all) {
      if (options.targets.length > 0 && !chosen.has(stage)) continue;
      const entry = recordedEntry(stage, locks);
      const outs = requireOuts(stage, repository);
      const changes = [
        ...(isPipelineStage(stage)
          ? inputChanges(stage, entry, readInputs(stage, repository))
          : []),
        ...outChanges(stage, entry, outs),
      ];
      if (changes.length > 0 && !options.force) throw changedStage(stage, changes[0]!.what);
      if (changes.length > 0) await record(stage, outs, repository, options.env, effects);
      for (const out of stage.outs) {
        const path = resolvePath(stage, out.path);
        const state = outs.get(out.path)!;
        if (out.isCached) {
          await storeOut(path, state, repository);
          if (!options.noRelink) await relinkOut(path, repository);
          placed.set(path, state.md5);
        }
        committed.push({
          shown: shownPath(repository.cwd, path),
          ...recordedState(state),
          isChanged: entry?.outs.get(out.path)?.md5 !== state.md5,
        });
      }
    }
  } finally {
    await repository.index.save(effects);
    await rememberPlaced(repository, placed, effects);
  }
  return committed;
}

function requireOuts(stage: Stage, repository: Repository): ReadonlyMap<string, PathState> {
  const outs = new Map<string, PathState>();
  for (const [path, state] of readOuts(stage, repository)) {
    if (state === null) {
      throw new DuetMindError(
        "FILE_NOT_FOUND",
        `${stage.address}: expected its out "${path}", got nothing at this path`,
        { file: path, hint: "duetmind checkout or duetmind reproduce brings it back" },
      );
    }
    outs.set(path, state);
  }
  return outs;
}

async function record(
  stage: Stage,
  outs: ReadonlyMap<string, PathState>,
  repository: Repository,
  env: Environment,
  effects: Effects,
): Promise<void> {
  const cached = stage.outs.filter(({ isCached }) => isCached);
  const paths = cached.map((out) => resolvePath(stage, out.path));
  refuseTracked(paths, repository, env);
  if (isPipelineStage(stage)) {
    const now = readInputs({ ...stage, isFrozen: false }, repository);
    requireInputs(stage, now);
    const deps = now.deps as ReadonlyMap<string, PathState>; // requireInputs left none null
    const text = entryText(stage.name, lockEntry(stage, { deps, params: now.params, outs }));
    const lock = lockPath(stage);
    await underClaimsLock(repository.root, effects, async () => {
      removeLeftovers(lock);
      const before = existsSync(lock) ? readFileSync(lock, "utf8") : "";
      await publishContent(effects.files, lock, putEntries(before, [text]));
    });
  } else {
    for (const [path, state] of outs) {
      await writeDvcFile(stage.file, path, recordedState(state), effects);
    }
  }
  await ignoreInGit(paths, repository, effects);
}

function changedStage(stage: Stage, what: string): DuetMindError {
  return new DuetMindError(
    "CHECK_FAILED",
    `${stage.address}: expected nothing changed since it was recorded, got ${what}`,
    { hint: "--force records what changed" },
  );
}
