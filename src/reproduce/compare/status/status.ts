import { isAbsolute, join } from "node:path";
import type { Effects } from "../../../core/effects.ts";
import { openLockFiles, recordedEntry } from "../../files/lock-file.ts";
import type { Repository } from "../../files/repository.ts";
import { collectStages } from "../../pipeline/collect.ts";
import { findNamed, unknownTarget } from "../../pipeline/find-targets.ts";
import { resolvePath, type Stage } from "../../pipeline/stage.ts";
import { openParamFiles } from "./param-files.ts";
import { type StageChange, stageStatus } from "./stage-status.ts";

export type StatusOptions = Readonly<{
  targets: readonly string[];
  recursive: boolean;
  withDeps: boolean;
}>;

export type StatusReport = Readonly<{
  /** Address of a stage that changed → what changed. */
  changes: ReadonlyMap<string, readonly StageChange[]>;
  /** No stage and no .dvc file in the repository. */
  isEmpty: boolean;
}>;

/** Compares what is recorded with what stands, and runs and changes nothing. */
export async function readStatus(
  repository: Repository,
  options: StatusOptions,
  effects: Effects,
): Promise<StatusReport> {
  const stages = await collectStages(repository, effects);
  const world = { repository, params: openParamFiles() };
  const locks = openLockFiles();
  const changes = new Map<string, readonly StageChange[]>();
  for (const { stage, only } of await selectStages(stages, repository, options)) {
    if (stage.isFrozen) {
      effects.progress.note(
        `stage: '${stage.address}' is frozen. Its dependencies are not going to be shown in the status output.`,
      );
    }
    const found = stageStatus(stage, recordedEntry(stage, locks), world, only);
    if (found.length > 0) changes.set(stage.address, found);
  }
  await repository.index.save(effects);
  return { changes, isEmpty: stages.length === 0 };
}

type Selected = Readonly<{
  stage: Stage;
  /** The one out that was asked for, or something inside it. */
  only: string | null;
}>;

async function selectStages(
  stages: readonly Stage[],
  { root, cwd }: Repository,
  { targets, recursive, withDeps }: StatusOptions,
): Promise<readonly Selected[]> {
  if (targets.length === 0) return stages.map((stage) => ({ stage, only: null }));
  const selected = targets.flatMap((target): Selected[] => {
    const named = findNamed(stages, target, { cwd, glob: false, recursive });
    if (named.length > 0) return named.map((stage) => ({ stage, only: null }));
    const only = isAbsolute(target) ? target : join(cwd, target);
    const maker = stages.find((stage) => makes(stage, only));
    if (maker !== undefined) return [{ stage: maker, only }];
    throw unknownTarget(
      target,
      stages.map(({ address }) => address),
    );
  });
  if (!withDeps) return selected;
  const { buildGraph } = await import("../../pipeline/graph.ts");
  const { planStages } = await import("../../run/plan-stages.ts");
  const asked = selected.map(({ stage }) => stage);
  const plan = planStages(buildGraph(stages, root), asked, WITH_DEPS);
  return plan.stages.map((stage) => ({ stage, only: null }));
}

const WITH_DEPS = { singleItem: false, pipeline: false, downstream: false };

/** True when an out of the stage is the path or holds it. */
function makes(stage: Stage, path: string): boolean {
  return stage.outs.some((out) => {
    const made = resolvePath(stage, out.path);
    return path === made || path.startsWith(`${made}/`);
  });
}
