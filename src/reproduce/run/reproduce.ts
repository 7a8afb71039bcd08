import { join } from "node:path";
import type { Effects } from "../../core/effects.ts";
import type { Environment } from "../../core/environment.ts";
import { DuetMindError } from "../../core/errors.ts";
import { storeOut } from "../cache/cache.ts";
import type { PathState } from "../cache/path-state.ts";
import { ensureDvcFolder } from "../files/dvc-folder.ts";
import {
  type LockFile,
  lockEntry,
  readLockFile,
  withLockEntry,
  writeLockFile,
} from "../files/lock-file.ts";
import { lockPipeline } from "../files/pipeline-lock.ts";
import { openRepository, type Repository } from "../files/repository.ts";
import { buildGraph, type Graph, isMadeBy, selectStages } from "../pipeline/graph.ts";
import { readPipeline } from "../pipeline/pipeline.ts";
import { type PipelineStage, resolvePath, stageSubject } from "../pipeline/stage.ts";
import { inputChanges, outChanges } from "./decide.ts";
import { type Installation, prepareLaunchers } from "./launcher.ts";
import { removeOuts, runStageCommand, type StageOutput } from "./run-stage.ts";
import { readInputs, readOuts, requireInputs, requireSources } from "./stage-inputs.ts";

/**
 * Runs the stages of a dvc.yaml that changed, in the order of their dependencies, and nothing else.
 * What changed is decided from dvc.lock and the state of the files alone. The lock is written after
 * each stage: a failure or a kill costs the stage that ran, not those before it.
 */
export type ReproduceOptions = Readonly<{
  /** The folder of dvc.yaml. */
  folder: string;
  targets: readonly string[];
  force: boolean;
  singleItem: boolean;
  dry: boolean;
  env: Environment;
  installation: Installation;
  output: StageOutput;
  /** How long to wait for another reproduce in the same folder. */
  lockWaitMs: number;
}>;

export type StageState = "ran" | "unchanged" | "failed" | "would_run";

export type StageReport = Readonly<{
  stage: string;
  state: StageState;
  why: readonly string[];
  exitCode: number | null;
  seconds: number | null;
}>;

export type ReproduceReport = Readonly<{
  ok: boolean;
  dry: boolean;
  stages: readonly StageReport[];
  lockChanged: boolean;
  /** What went wrong in the stage that failed. */
  failure?: string;
}>;

export async function runReproduce(
  options: ReproduceOptions,
  effects: Effects,
): Promise<ReproduceReport> {
  const repository = await openRepository(options.folder, options.env, effects);
  const stages = await readPipeline(options.folder, options.folder, effects);
  const graph = buildGraph(stages, options.folder);
  const selected = selectStages(graph, options.targets, options.folder, options);
  for (const stage of selected) {
    requireSources(stage, (path) => !options.singleItem && isMadeBy(graph, path));
  }
  if (options.dry) return dryRun(selected, graph, repository, options);
  const lock = await lockPipeline(
    join(options.folder, ".duetmind", "locks", "reproduce"),
    options.lockWaitMs,
    effects,
  );
  try {
    return await runSelected(selected, repository, options, effects);
  } finally {
    lock.release();
  }
}

type Workspace = Readonly<{
  repository: Repository;
  lockPath: string;
  options: ReproduceOptions;
}>;

function openWorkspace(repository: Repository, options: ReproduceOptions): Workspace {
  return { repository, lockPath: join(options.folder, "dvc.lock"), options };
}

async function runSelected(
  stages: readonly PipelineStage[],
  repository: Repository,
  options: ReproduceOptions,
  effects: Effects,
): Promise<ReproduceReport> {
  await ensureDvcFolder(repository.root, effects);
  const work = openWorkspace(repository, options);
  const first = readLockFile(work.lockPath);
  let lock = first;
  const reports: StageReport[] = [];
  try {
    for (const stage of stages) {
      const step = await reproduceStage(stage, lock, work, effects);
      reports.push(step.report);
      lock = step.lock;
      if (step.failure === undefined) continue;
      const lockChanged = lock !== first;
      return { ok: false, dry: false, stages: reports, lockChanged, failure: step.failure };
    }
  } finally {
    await work.repository.index.save(effects);
  }
  return { ok: true, dry: false, stages: reports, lockChanged: lock !== first };
}

type Step = Readonly<{ report: StageReport; lock: LockFile; failure?: string }>;

async function reproduceStage(
  stage: PipelineStage,
  lock: LockFile,
  work: Workspace,
  effects: Effects,
): Promise<Step> {
  throwIfInterrupted(effects.signal, stage);
  const now = readInputs(stage, work.repository);
  const why = reasonsToRun(stage, lock, now, work);
  if (stage.isFrozen || why.length === 0) {
    await keepUnchanged(stage, work, effects);
    return { report: report(stage, "unchanged", []), lock };
  }
  requireInputs(stage, now);
  effects.progress.note(`${stage.address}: runs (${why.join("; ")})`);
  const startMs = effects.clock.now().getTime();
  await removeOuts(stage);
  const exitCode = await runStageCommand(stage, {
    env: await stageEnvironment(stage, work, effects),
    output: work.options.output,
    signal: effects.signal,
  });
  throwIfInterrupted(effects.signal, stage);
  const seconds = (effects.clock.now().getTime() - startMs) / 1000;
  if (exitCode !== 0) {
    const failure = `stage ${stage.address}: expected exit code 0, got ${exitCode} from: ${String(stage.cmd)}`;
    return { report: report(stage, "failed", why, exitCode, seconds), lock, failure };
  }
  const outs = new Map<string, PathState>();
  for (const [path, state] of readOuts(stage, work.repository)) {
    if (state === null) {
      const failure = `stage ${stage.address}: expected it to make "${path}", got nothing at this path`;
      return { report: report(stage, "failed", why, exitCode, seconds), lock, failure };
    }
    outs.set(path, state);
  }
  await storeOuts(stage, outs, work, effects);
  const deps = now.deps as ReadonlyMap<string, PathState>; // requireInputs left none null
  const next = withLockEntry(lock, stage.name, lockEntry(stage, { ...now, deps, outs }));
  await writeLockFile(work.lockPath, next, effects);
  return { report: report(stage, "ran", why, exitCode, seconds), lock: next };
}

function reasonsToRun(
  stage: PipelineStage,
  lock: LockFile,
  now: ReturnType<typeof readInputs>,
  work: Workspace,
): string[] {
  const entry = lock.stages.get(stage.name);
  if (work.options.force && !stage.isFrozen) return ["forced"];
  const reasons = inputChanges(stage, entry, now);
  // the outs of a stage that runs anyway need not be hashed
  return reasons.length > 0 ? reasons : outChanges(stage, entry, readOuts(stage, work.repository));
}

/** An unchanged stage's outs are in the cache too: a person may have emptied it. */
async function keepUnchanged(
  stage: PipelineStage,
  work: Workspace,
  effects: Effects,
): Promise<void> {
  const outs = new Map<string, PathState>();
  for (const [path, state] of readOuts(stage, work.repository)) {
    if (state === null) {
      throw new DuetMindError(
        "FILE_NOT_FOUND",
        `${stageSubject(stage)}: expected the out "${path}" of a frozen stage, got nothing`,
        { file: path, hint: "remove `frozen` to make it again" },
      );
    }
    outs.set(path, state);
  }
  if (!stage.isFrozen) await storeOuts(stage, outs, work, effects);
}

async function storeOuts(
  stage: PipelineStage,
  outs: ReadonlyMap<string, PathState>,
  work: Workspace,
  effects: Effects,
): Promise<void> {
  for (const out of stage.outs) {
    if (!out.isCached) continue;
    await storeOut(
      work.repository.root,
      resolvePath(stage, out.path),
      outs.get(out.path)!,
      effects,
    );
  }
}

async function stageEnvironment(
  stage: PipelineStage,
  work: Workspace,
  effects: Effects,
): Promise<Environment> {
  const { env, folder, installation } = work.options;
  const launchers = join(folder, ".duetmind", "bin");
  return {
    ...env,
    PATH: await prepareLaunchers(launchers, installation, env["PATH"], effects),
    DVC_ROOT: env["DVC_ROOT"] ?? work.repository.root,
    DVC_STAGE: stage.address,
    DUETMIND_DEFER_REGISTRATION: "1",
  };
}

/** What would run: a stage after one that would run is named too, though it may turn out unchanged. */
function dryRun(
  stages: readonly PipelineStage[],
  graph: Graph,
  repository: Repository,
  options: ReproduceOptions,
): ReproduceReport {
  const work = openWorkspace(repository, options);
  const lock = readLockFile(work.lockPath);
  const running = new Set<string>();
  const reports = stages.map((stage) => {
    const before = (graph.upstream.get(stage.address) ?? []).filter((name) => running.has(name));
    const own = reasonsToRun(stage, lock, readInputs(stage, work.repository), work);
    const why = own.length > 0 ? own : before.map((name) => `deps: ${name} would run`);
    if (why.length === 0) return report(stage, "unchanged", []);
    running.add(stage.address);
    return report(stage, "would_run", why);
  });
  return { ok: true, dry: true, stages: reports, lockChanged: false };
}

function report(
  stage: PipelineStage,
  state: StageState,
  why: readonly string[],
  exitCode: number | null = null,
  seconds: number | null = null,
): StageReport {
  return { stage: stage.address, state, why, exitCode, seconds };
}

function throwIfInterrupted(signal: AbortSignal, stage: PipelineStage): void {
  if (!signal.aborted) return;
  throw new DuetMindError(
    "INTERRUPTED",
    `stage ${stage.address}: expected to run to its end, got an interrupt`,
    { hint: "run `duetmind reproduce` again: stages that were done stay done" },
  );
}
