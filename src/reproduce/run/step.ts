import { existsSync } from "node:fs";
import type { Effects } from "../../core/effects.ts";
import type { Environment } from "../../core/environment.ts";
import { DuetMindError } from "../../core/errors.ts";
import type { PathState } from "../cache/path-state.ts";
import { storeOut } from "../cache/store-out.ts";
import { ignoreInGit } from "../files/git-ignore.ts";
import { type LockEntry, type LockFiles, lockEntry, recordedEntry } from "../files/lock-file.ts";
import type { Repository } from "../files/repository.ts";
import { recordedState, writeDvcFile } from "../files/write-dvc-file.ts";
import type { Graph } from "../pipeline/graph.ts";
import {
  isPipelineStage,
  type PipelineStage,
  resolvePath,
  type Stage,
  stageSubject,
} from "../pipeline/stage.ts";
import type { ValueMap } from "../values/value.ts";
import { type Change, inputChanges, outChanges } from "./decide.ts";
import type { Journal } from "./journal.ts";
import type { LockStore } from "./lock-store.ts";
import type { ReproduceOptions, StageReport } from "./reproduce-options.ts";
import { earlierRuns, isRepeatable, recordedOuts, restoreOuts, runsFolder } from "./restore-run.ts";
import { saveRun, savesRuns } from "./run-cache.ts";
import { removeOuts, runStageCommand } from "./run-stage.ts";
import { readInputs, readOuts, requireInputs } from "./stage-inputs.ts";

/** What tells whether a stage is to run. */
export type StageView = Readonly<{
  repository: Repository;
  graph: Graph;
  options: ReproduceOptions;
  locks: LockFiles;
  /** Stages that run whatever changed. */
  forced: Set<string>;
  /** Absolute path of an out → what this run recorded of it. */
  recorded: Map<string, string>;
}>;

/** What the steps of one run share. */
export type RunState = StageView &
  Readonly<{
    store: LockStore;
    journal: Journal;
    /** What every shell gets. */
    env: Environment;
    /** Address → place in the serial run. */
    order: ReadonlyMap<string, number>;
  }>;

export type StepResult = Readonly<{ report: StageReport; failure?: string }>;

/** Looks at one stage, and runs it if something changed. */
export async function reproduceStage(
  stage: Stage,
  isAlone: boolean,
  run: RunState,
  effects: Effects,
): Promise<StepResult> {
  throwIfInterrupted(effects.signal, stage);
  const changes = await bringMissing(stage, findChanges(stage, run), run);
  if (!isPipelineStage(stage) || stage.isFrozen) return verifyStage(stage, changes, run, effects);
  if (changes.length === 0) {
    effects.progress.note(`Stage '${stage.address}' didn't change, skipping`);
    await storeOuts(stage, readOuts(stage, run.repository), run);
    return { report: report(stage, "unchanged", []) };
  }
  return runStage(stage, changes, isAlone, run, effects);
}

/** A stage that changed only by what is missing gets that, if it is to be had; one that runs gets its deps. */
async function bringMissing(
  stage: Stage,
  changes: readonly Change[],
  run: RunState,
): Promise<readonly Change[]> {
  const { bring } = run.options;
  if (bring === null || changes.length === 0) return changes;
  const options = { ...run.options, allowMissing: true };
  const isToRun = findChanges(stage, { ...run, options }).length > 0;
  const outs = stage.outs.filter(({ isCached }) => isCached && !isToRun).map(({ path }) => path);
  const missing = [...outs, ...(stage.isFrozen ? [] : stage.deps)]
    .map((path) => resolvePath(stage, path))
    .filter((path) => !existsSync(path));
  if (missing.length === 0) return changes;
  await bring(missing);
  return findChanges(stage, run);
}

/** Why a stage is to run: DVC's order is the command, then deps, then outs. */
export function findChanges(stage: Stage, view: StageView): readonly Change[] {
  if (view.forced.has(stage.address)) return [{ what: "forced" }];
  const entry = recordedEntry(stage, view.locks);
  const inputs = inputChanges(stage, entry, readInputs(stage, view.repository)).filter(
    (change) => !isTolerated(stage, entry, change, view),
  );
  // the outs of a stage that runs anyway need not be hashed
  if (inputs.length > 0) return inputs;
  return outChanges(stage, entry, readOuts(stage, view.repository)).filter(
    ({ missing }) => missing === undefined || !view.options.allowMissing,
  );
}

/** With `allowMissing` a dep may be absent, unless the stage that makes it now makes something else. */
function isTolerated(
  stage: Stage,
  entry: LockEntry | undefined,
  { missing }: Change,
  view: StageView,
): boolean {
  if (missing === undefined || !view.options.allowMissing) return false;
  const path = resolvePath(stage, missing);
  const md5 = view.recorded.get(path) ?? recordedMd5(path, view);
  return md5 === undefined || md5 === entry?.deps.get(missing)?.md5;
}

function recordedMd5(path: string, view: StageView): string | undefined {
  const address = view.graph.makers.get(path);
  const maker = view.graph.stages.find((stage) => stage.address === address);
  if (maker === undefined) return undefined;
  const out = maker.outs.find((one) => resolvePath(maker, one.path) === path);
  const entry = recordedEntry(maker, view.locks);
  return (out === undefined ? undefined : entry?.outs.get(out.path)?.md5) ?? undefined;
}

/** Of a frozen stage and of data that was added nothing runs: their outs must be there. */
async function verifyStage(
  stage: Stage,
  changes: readonly Change[],
  run: RunState,
  effects: Effects,
): Promise<StepResult> {
  const outs = readOuts(stage, run.repository);
  for (const [path, state] of outs) {
    if (state === null && !run.options.allowMissing) throw missingOut(stage, path);
  }
  if (changes.length > 0 && isPipelineStage(stage)) {
    const now = readInputs({ ...stage, isFrozen: false }, run.repository);
    requireInputs(stage, now);
    await record(stage, { ...now, outs }, run);
  } else if (changes.length > 0 && !stage.isFrozen) {
    return recordData(stage, outs, changes, run, effects);
  } else {
    effects.progress.note(`Stage '${stage.address}' didn't change, skipping`);
  }
  await storeOuts(stage, outs, run);
  return { report: report(stage, "unchanged", changes) };
}

/** Data that was added and has changed since is taken as it stands, as if it were added again. */
async function recordData(
  stage: Stage,
  outs: ReturnType<typeof readOuts>,
  changes: readonly Change[],
  run: RunState,
  effects: Effects,
): Promise<StepResult> {
  const refusal = await refuseUnconfirmed(stage, changes, run);
  if (refusal !== null) return refusal;
  effects.progress.note(`Verifying data sources in stage: '${stage.address}'`);
  await storeOuts(stage, outs, run);
  for (const [path, state] of present(outs)) {
    await writeDvcFile(stage.file, path, recordedState(state), effects);
    run.recorded.set(resolvePath(stage, path), state.md5);
  }
  return { report: report(stage, "ran", changes) };
}

async function runStage(
  stage: PipelineStage,
  changes: readonly Change[],
  isAlone: boolean,
  run: RunState,
  effects: Effects,
): Promise<StepResult> {
  const now = readInputs(stage, run.repository);
  requireInputs(stage, now);
  const refusal = await refuseUnconfirmed(stage, changes, run);
  if (refusal !== null) return refusal;
  if (await restoreStage(stage, changes, now, run, effects)) {
    await keepRun(stage, { ...now, outs: readOuts(stage, run.repository) }, run, effects);
    return { report: report(stage, "restored", changes) };
  }
  const startMs = effects.clock.now().getTime();
  await removeOuts(stage);
  effects.progress.note(`Running stage '${stage.address}':`);
  const exitCode = await runStageCommand(stage, {
    env: { ...run.env, DVC_STAGE: stage.address },
    output: run.options.output,
    isAlone,
    signal: effects.signal,
    onStart: (pid) => run.journal.started(stage.address, pid),
    onLine: (line) => effects.progress.note(`> ${line}`),
  });
  throwIfInterrupted(effects.signal, stage);
  const seconds = (effects.clock.now().getTime() - startMs) / 1000;
  const failed = (failure: string): StepResult => ({
    report: report(stage, "failed", changes, exitCode, seconds),
    failure: `stage ${stage.address}: ${failure}`,
  });
  if (exitCode !== 0) {
    return failed(`expected exit code 0, got ${exitCode} from: ${String(stage.cmd)}`);
  }
  const outs = readOuts(stage, run.repository);
  const missing = [...outs].find(([, state]) => state === null)?.[0];
  if (missing !== undefined) {
    return failed(`expected it to make "${missing}", got nothing at this path`);
  }
  await keepRun(stage, { ...now, outs }, run, effects);
  return { report: report(stage, "ran", changes, exitCode, seconds) };
}

async function refuseUnconfirmed(
  stage: Stage,
  changes: readonly Change[],
  { options }: RunState,
): Promise<StepResult | null> {
  if (options.confirm === null || (await options.confirm(stage.address))) return null;
  const failure = `stage ${stage.address}: expected a yes to run it, got none`;
  return { report: report(stage, "failed", changes), failure };
}

/** Brings back what an earlier run with the same inputs made, as dvc.lock or the run-cache know it. */
async function restoreStage(
  stage: PipelineStage,
  changes: readonly Change[],
  now: Inputs,
  run: RunState,
  effects: Effects,
): Promise<boolean> {
  const { repository } = run;
  if (run.forced.has(stage.address) || !isRepeatable(stage, repository)) return false;
  const locked = recordedOuts(stage, recordedEntry(stage, run.locks));
  const isOutsOnly = changes.every(({ what }) => what.startsWith("outs: "));
  const entry = toEntry(stage, { ...now, outs: new Map() });
  const runs =
    isOutsOnly && locked !== null
      ? [locked]
      : run.options.runCache
        ? earlierRuns(stage, entry, repository)
        : [];
  if (!(await restoreOuts(stage, runs, repository))) return false;
  effects.progress.note(`Stage '${stage.address}' is cached - skipping run, checking out outputs`);
  return true;
}

/** Keeps what a run made: in the cache, in the run-cache, in the lock. */
async function keepRun(
  stage: PipelineStage,
  facts: Facts,
  run: RunState,
  effects: Effects,
): Promise<void> {
  const { repository, options } = run;
  await storeOuts(stage, facts.outs, run);
  const isSaved = options.commit && isRepeatable(stage, repository) && savesRuns(stage);
  if (isSaved) {
    // an out that is not cached is kept for the run alone
    for (const { path, isCached } of stage.outs) {
      if (!isCached) await storeOut(resolvePath(stage, path), facts.outs.get(path)!, repository);
    }
    await saveRun(runsFolder(repository), toEntry(stage, facts));
  }
  const cached = stage.outs.filter(({ isCached }) => isCached);
  await ignoreInGit(
    cached.map(({ path }) => resolvePath(stage, path)),
    repository,
    effects,
  );
  await record(stage, facts, run);
}

type Inputs = ReturnType<typeof readInputs>;
type Facts = Inputs & Readonly<{ outs: ReturnType<typeof readOuts> }>;

/** Puts what is known to be there into the lock. */
async function record(stage: PipelineStage, facts: Facts, run: RunState): Promise<void> {
  await run.store.put(stage, run.order.get(stage.address)!, toEntry(stage, facts));
  for (const [path, state] of facts.outs) {
    if (state !== null) run.recorded.set(resolvePath(stage, path), state.md5);
  }
}

function toEntry(stage: PipelineStage, { deps, params, outs }: Facts): ValueMap {
  return lockEntry(stage, { deps: present(deps), params, outs: present(outs) });
}

function present(states: ReadonlyMap<string, PathState | null>): ReadonlyMap<string, PathState> {
  return new Map([...states].flatMap(([path, state]) => (state === null ? [] : [[path, state]])));
}

/** An unchanged stage's outs are in the cache too: a person may have emptied it. */
async function storeOuts(
  stage: Stage,
  outs: ReadonlyMap<string, PathState | null>,
  run: RunState,
): Promise<void> {
  if (!run.options.commit) return;
  for (const out of stage.outs) {
    const state = outs.get(out.path) ?? null;
    if (!out.isCached || state === null) continue;
    await storeOut(resolvePath(stage, out.path), state, run.repository);
  }
}

function missingOut(stage: Stage, path: string): DuetMindError {
  const [what, hint] = isPipelineStage(stage)
    ? ["the out", "remove `frozen` to make it again"]
    : ["the data", "bring it back with `duetmind checkout` or `duetmind pull`"];
  const whose = isPipelineStage(stage) ? " of a frozen stage" : "";
  return new DuetMindError(
    "FILE_NOT_FOUND",
    `${stageSubject(stage)}: expected ${what} "${path}"${whose}, got nothing`,
    { file: path, hint },
  );
}

export function report(
  stage: Stage,
  state: StageReport["state"],
  changes: readonly Change[],
  exitCode: number | null = null,
  seconds: number | null = null,
): StageReport {
  return { stage: stage.address, state, changes, exitCode, seconds };
}

function throwIfInterrupted(signal: AbortSignal, stage: Stage): void {
  if (!signal.aborted) return;
  throw new DuetMindError(
    "INTERRUPTED",
    `stage ${stage.address}: expected to run to its end, got an interrupt`,
    { hint: "run `duetmind reproduce` again: stages that were done stay done" },
  );
}
