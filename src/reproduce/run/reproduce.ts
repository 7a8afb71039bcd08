import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Effects } from "../../core/effects.ts";
import { DuetMindError } from "../../core/errors.ts";
import { rememberPlaced } from "../cache/placed-outs.ts";
import { ensureDvcFolder } from "../files/dvc-folder.ts";
import { openLockFiles } from "../files/lock-file.ts";
import { openRepository, type Repository } from "../files/repository.ts";
import { collectStages } from "../pipeline/collect.ts";
import { findTarget } from "../pipeline/find-targets.ts";
import { activeGraph, buildGraph, type Graph, isMadeBy } from "../pipeline/graph.ts";
import { resolvePath, type Stage } from "../pipeline/stage.ts";
import { openJournal } from "./journal.ts";
import { prepareLaunchers } from "./launcher.ts";
import { finishKilledRuns, openLockStore } from "./lock-store.ts";
import type { PathClaim } from "./path-claim.ts";
import { claimPaths } from "./path-claims.ts";
import { planStages, type StagePlan } from "./plan-stages.ts";
import type { ReproduceOptions, ReproduceReport, StageReport } from "./reproduce-options.ts";
import { runSchedule, type StepEnd } from "./scheduler.ts";
import { requireSources } from "./stage-inputs.ts";
import { findChanges, type RunState, report, reproduceStage, type StageView } from "./step.ts";

/**
 * Runs the stages that changed, each after those it needs and several at a time, and nothing else. What
 * changed is decided from dvc.lock and the state of the files alone. A stage that is done stays done: a
 * failure or a kill costs the stages that ran just then.
 */
export async function runReproduce(
  options: ReproduceOptions,
  effects: Effects,
): Promise<ReproduceReport> {
  const repository = await openRepository(options.folder, options.env, effects);
  const graph = await readGraph(repository, options, effects);
  const isWhole = options.pipeline || options.allPipelines;
  const plan = planStages(graph, findAsked(graph, repository.cwd, options), {
    pipeline: isWhole,
    singleItem: options.singleItem && !isWhole,
    downstream: options.downstream && !isWhole,
  });
  for (const stage of plan.stages) {
    if (options.allowMissing) break;
    const mayCome = !options.singleItem || options.bring !== null;
    requireSources(stage, (path) => mayCome && isMadeBy(graph, path));
  }
  if (options.dry) return dryRun(plan, graph, repository, options);
  await ensureDvcFolder(repository.root, effects);
  await finishKilledRuns(repository.root, effects);
  const claim = await claimPaths(repository.root, claimOf(plan), options.lockWaitMs, effects);
  try {
    return await runPlan(plan, graph, repository, claim.id, options, effects);
  } finally {
    claim.release();
  }
}

async function readGraph(
  repository: Repository,
  options: ReproduceOptions,
  effects: Effects,
): Promise<Graph> {
  const isOwn = options.targets.length === 0 && !options.allPipelines;
  if (isOwn && !existsSync(join(repository.cwd, "dvc.yaml"))) {
    throw new DuetMindError(
      "FILE_NOT_FOUND",
      "dvc.yaml: expected a pipeline in this folder, got no such file",
      {
        file: "dvc.yaml",
        hint: "make a project with: duetmind init DIR --from FILE.csv --target COLUMN",
      },
    );
  }
  return activeGraph(buildGraph(await collectStages(repository, effects), repository.root));
}

function findAsked({ stages }: Graph, cwd: string, options: ReproduceOptions): readonly Stage[] {
  if (options.allPipelines) return stages;
  if (options.targets.length === 0) {
    const file = join(cwd, "dvc.yaml");
    return stages.filter((stage) => stage.file === file);
  }
  return options.targets.flatMap((target) => findTarget(stages, target, { ...options, cwd }));
}

/** Frozen stages and data that was added are read only. */
function claimOf({ stages }: StagePlan): PathClaim {
  const reads: string[] = [];
  const writes: string[] = [];
  for (const stage of stages) {
    const isRun = stage.cmd !== null && !stage.isFrozen;
    for (const { path } of stage.outs) (isRun ? writes : reads).push(resolvePath(stage, path));
    if (!isRun) continue;
    const files = stage.params.map(({ file }) => file);
    for (const path of [...stage.deps, ...files]) reads.push(resolvePath(stage, path));
  }
  return { reads, writes };
}

async function runPlan(
  plan: StagePlan,
  graph: Graph,
  repository: Repository,
  claim: string,
  options: ReproduceOptions,
  effects: Effects,
): Promise<ReproduceReport> {
  const { root } = repository;
  const journal = openJournal(root, claim);
  const store = openLockStore(root, journal, effects);
  const run: RunState = {
    ...newView(plan, graph, repository, options),
    order: new Map(plan.stages.map(({ address }, i) => [address, i])),
    store,
    journal,
    env: {
      ...options.env,
      PATH: await prepareLaunchers(
        join(root, ".duetmind", "bin"),
        options.installation,
        options.env["PATH"],
        effects,
      ),
      DVC_ROOT: options.env["DVC_ROOT"] ?? root,
      DUETMIND_DEFER_REGISTRATION: "1",
    },
  };
  const byAddress = new Map(plan.stages.map((stage) => [stage.address, stage]));
  const reports = new Map<string, StageReport>();
  const failures: string[] = [];
  try {
    const { blocked } = await runSchedule({
      steps: plan.stages.map(({ address }) => ({ name: address, after: plan.after.get(address)! })),
      jobs: options.jobs,
      onError: options.onError,
      run: async (name, isAlone): Promise<StepEnd> => {
        const step = await reproduceStage(byAddress.get(name)!, isAlone, run, effects);
        reports.set(name, step.report);
        if (options.forceDownstream && step.report.state !== "unchanged") force(name, plan, run);
        if (step.failure === undefined) return "done";
        failures.push(step.failure);
        return "failed";
      },
    });
    for (const name of blocked) reports.set(name, report(byAddress.get(name)!, "blocked", []));
  } finally {
    await store.save();
    await repository.index.save(effects);
    await rememberPlaced(repository, placedOuts(plan, run), effects);
    journal.end();
  }
  return {
    ok: failures.length === 0 || options.onError === "ignore",
    dry: false,
    stages: plan.stages.flatMap(({ address }) => reports.get(address) ?? []),
    lockChanged: store.isChanged(),
    ...(failures.length === 0 ? {} : { failure: failures.join("\n") }),
  };
}

/** The outs that were put into the cache: absolute path → md5. */
function placedOuts({ stages }: StagePlan, run: RunState): ReadonlyMap<string, string> {
  const placed = stages.flatMap((stage) =>
    stage.outs.flatMap(({ path, isCached }) => {
      const at = resolvePath(stage, path);
      const md5 = run.recorded.get(at);
      return isCached && md5 !== undefined ? [[at, md5] as const] : [];
    }),
  );
  return new Map(run.options.commit ? placed : []);
}

/** The stages right after one that ran run too. */
function force(name: string, { after }: StagePlan, run: RunState): void {
  for (const [dependent, needs] of after) if (needs.includes(name)) run.forced.add(dependent);
}

function newView(
  plan: StagePlan,
  graph: Graph,
  repository: Repository,
  options: ReproduceOptions,
): StageView {
  const ran = plan.stages.filter((stage) => stage.cmd !== null && !stage.isFrozen);
  return {
    repository,
    graph,
    options,
    locks: openLockFiles(),
    forced: new Set(options.force ? ran.map(({ address }) => address) : []),
    recorded: new Map(),
  };
}

/** What would run: a stage after one that would run is named too, though it may turn out unchanged. */
function dryRun(
  plan: StagePlan,
  graph: Graph,
  repository: Repository,
  options: ReproduceOptions,
): ReproduceReport {
  const view = newView(plan, graph, repository, options);
  const running = new Set<string>();
  const stages = plan.stages.map((stage) => {
    const before = plan.after.get(stage.address)!.filter((name) => running.has(name));
    const own = findChanges(stage, view);
    const why = own.length > 0 ? own : before.map((name) => ({ what: `deps: ${name} would run` }));
    if (why.length === 0) return report(stage, "unchanged", []);
    running.add(stage.address);
    return report(stage, "would_run", why);
  });
  return { ok: true, dry: true, stages, lockChanged: false };
}
