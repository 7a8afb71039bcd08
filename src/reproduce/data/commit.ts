import type { Effects } from "../../core/effects.ts";
import { DuetMindError } from "../../core/errors.ts";
import type { PathState } from "../cache/path-state.ts";
import { storeOut } from "../cache/store-out.ts";
import { ignoreInGit } from "../files/git-ignore.ts";
import {
  type LockEntry,
  lockEntry,
  lockPath,
  openLockFiles,
  readLockFile,
  recordedEntry,
  withLockEntry,
  writeLockFile,
} from "../files/lock-file.ts";
import type { Repository } from "../files/repository.ts";
import { toRecordedState, withOuts, writeDvcFile } from "../files/write-dvc-file.ts";
import { collectStages } from "../pipeline/collect.ts";
import { type OutTargets, selectOuts } from "../pipeline/select-outs.ts";
import {
  isPipelineStage,
  resolvePath,
  type Stage,
  shownPath,
  stageSubject,
} from "../pipeline/stage.ts";
import { type Change, inputChanges, outChanges } from "../run/decide.ts";
import { readInputs, readOuts, requireInputs } from "../run/stage-inputs.ts";
import type { DataFile, DataReport } from "./data-report.ts";

export type CommitOptions = OutTargets &
  Readonly<{
    /** Records what changed since it was recorded; else that is refused. */
    force: boolean;
  }>;

/**
 * Puts the outs of stages and .dvc files into the cache and records their states, and those of the
 * deps and params, as if the stages had just run. All is looked at before anything is written.
 */
export async function commitData(
  repository: Repository,
  options: CommitOptions,
  effects: Effects,
): Promise<DataReport> {
  const all = await collectStages(repository, effects);
  const asked = stagesOf(all, options, repository);
  const locks = openLockFiles();
  const planned = asked.map((stage) => planCommit(stage, recordedEntry(stage, locks), repository));
  const changed = planned.filter(({ changes }) => changes.length > 0);
  if (!options.force) refuseChanged(changed);
  const files: DataFile[] = [];
  for (const { stage, outs } of planned) {
    for (const out of stage.outs) {
      const path = resolvePath(stage, out.path);
      const state = outs.get(out.path)!;
      if (out.isCached) await storeOut(path, state, repository);
      files.push({
        path: shownPath(repository.cwd, path),
        md5: state.md5,
        sizeBytes: state.sizeBytes,
        fileCount: state.entries?.length ?? null,
      });
    }
    const cached = stage.outs.filter(({ isCached }) => isCached);
    await ignoreInGit(
      cached.map(({ path }) => resolvePath(stage, path)),
      repository,
      effects,
    );
  }
  for (const plan of changed) await writeRecord(plan, effects);
  await repository.index.save(effects);
  return { files, changed: changed.length };
}

type CommitPlan = Readonly<{
  stage: Stage;
  inputs: ReturnType<typeof readInputs>;
  outs: ReadonlyMap<string, PathState>;
  changes: readonly Change[];
}>;

function stagesOf(
  all: readonly Stage[],
  options: CommitOptions,
  repository: Repository,
): readonly Stage[] {
  if (options.targets.length === 0) return all;
  const chosen = new Set(selectOuts(all, options, repository).map(({ stage }) => stage));
  return all.filter((stage) => chosen.has(stage));
}

function planCommit(
  stage: Stage,
  entry: LockEntry | undefined,
  repository: Repository,
): CommitPlan {
  const inputs = readInputs({ ...stage, isFrozen: !isPipelineStage(stage) }, repository);
  requireInputs(stage, inputs);
  const outs = new Map<string, PathState>();
  for (const [path, state] of readOuts(stage, repository)) {
    if (state === null) {
      throw new DuetMindError(
        "FILE_NOT_FOUND",
        `${stageSubject(stage)}: expected the out "${path}" to commit, got nothing at this path`,
        { file: path, hint: "make it with `duetmind reproduce`, or bring it with `duetmind pull`" },
      );
    }
    outs.set(path, state);
  }
  const plain = { ...stage, isAlwaysChanged: false, isFrozen: false };
  const isCompared = isPipelineStage(stage) && stage.outs.length > 0;
  const fromInputs = isCompared ? inputChanges(plain, entry, inputs) : [];
  return { stage, inputs, outs, changes: [...fromInputs, ...outChanges(stage, entry, outs)] };
}

function refuseChanged(changed: readonly CommitPlan[]): void {
  const [first] = changed;
  if (first === undefined) return;
  const what = first.changes.map((change) => change.what).join("; ");
  throw new DuetMindError(
    "CONFLICT",
    `${stageSubject(first.stage)}: expected what is recorded, got changes (${what})`,
    { file: first.stage.file, hint: "record them with --force" },
  );
}

async function writeRecord({ stage, inputs, outs }: CommitPlan, effects: Effects): Promise<void> {
  if (!isPipelineStage(stage)) {
    const states = [...outs].map(([path, state]) => [path, toRecordedState(state)] as const);
    await writeDvcFile(stage.file, withOuts(stage.dvcFile!, new Map(states)), effects);
    return;
  }
  const path = lockPath(stage);
  const deps = inputs.deps as ReadonlyMap<string, PathState>; // requireInputs left none null
  const entry = lockEntry(stage, { deps, params: inputs.params, outs });
  await writeLockFile(path, withLockEntry(readLockFile(path), stage.name, entry), effects);
}
