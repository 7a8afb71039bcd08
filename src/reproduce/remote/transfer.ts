import type { Effects } from "../../core/effects.ts";
import { DuetMindError } from "../../core/errors.ts";
import type { LockFiles } from "../files/lock-file.ts";
import type { Repository } from "../files/repository.ts";
import { type OutTargets, selectOuts } from "../pipeline/select-outs.ts";
import type { Stage } from "../pipeline/stage.ts";
import { fetchOuts } from "./fetch-outs.ts";
import { openRemotes, type RemoteChoice } from "./open-remotes.ts";
import { pushOuts } from "./push-outs.ts";
import { fetchRuns, pushRuns } from "./run-cache-transfer.ts";
import { byRemote, type TransferReport } from "./transfer-report.ts";
import { type UsedOut, usedOuts } from "./used-objects.ts";

/** What is recorded of stages: in the workspace, which comes first, and in other revisions. */
export type RecordedStages = Readonly<{ stages: readonly Stage[]; locks: LockFiles }>;

export type TransferOptions = RemoteChoice &
  OutTargets &
  Readonly<{
    /** The runs of the run-cache too. */
    runCache: boolean;
  }>;

/** Sends to the remotes what they lack of the outs that are asked for. */
export function push(
  repository: Repository,
  views: readonly RecordedStages[],
  options: TransferOptions,
  effects: Effects,
): Promise<TransferReport> {
  return transfer("push", repository, views, options, effects);
}

/** Brings into the cache what it lacks of the outs that are asked for. */
export function fetch(
  repository: Repository,
  views: readonly RecordedStages[],
  options: TransferOptions,
  effects: Effects,
): Promise<TransferReport> {
  return transfer("fetch", repository, views, options, effects);
}

async function transfer(
  task: "push" | "fetch",
  repository: Repository,
  views: readonly RecordedStages[],
  options: TransferOptions,
  effects: Effects,
): Promise<TransferReport> {
  const pushing = task === "push";
  const outs = wantedOuts(views, repository, options, pushing, effects);
  const remotes = openRemotes(repository.config, options, effects);
  if (options.remote !== null) await remotes.open(remotes.chosenName()); // refuses a wrong name
  let transferred = 0;
  if (options.runCache) {
    const remote = await remotes.open(remotes.chosenName());
    transferred += await (pushing ? pushRuns : fetchRuns)(repository, remote);
  }
  const reports: TransferReport[] = [];
  for (const [name, group] of byRemote(outs, remotes.chosenName)) {
    const remote = await remotes.open(name);
    const run = pushing ? pushOuts : fetchOuts;
    reports.push(await run(group, repository, remote, effects));
  }
  return {
    outs,
    changed: new Set(reports.flatMap(({ changed }) => [...changed])),
    transferred: reports.reduce((sum, report) => sum + report.transferred, transferred),
    failures: reports.flatMap(({ failures }) => failures),
  };
}

/** The outs of all views, each content of a path once. */
export function wantedOuts(
  views: readonly RecordedStages[],
  repository: Repository,
  options: Pick<TransferOptions, "remote"> & OutTargets,
  pushing: boolean,
  effects: Effects,
): readonly UsedOut[] {
  const outs = new Map<string, UsedOut>();
  for (const [i, { stages, locks }] of views.entries()) {
    const isHistory = i > 0;
    const selected = selectIn(stages, repository, options, isHistory);
    const { remote } = options;
    for (const out of usedOuts(selected, locks, { pushing, remote, isHistory }, effects)) {
      const key = `${out.md5} ${out.kind} ${out.path} ${out.inside}`;
      if (!outs.has(key)) outs.set(key, out);
    }
  }
  return [...outs.values()];
}

/** Not every revision has the stages that are asked for. */
function selectIn(
  stages: readonly Stage[],
  repository: Repository,
  options: OutTargets,
  isHistory: boolean,
) {
  try {
    return selectOuts(stages, options, repository);
  } catch (error) {
    if (isHistory && error instanceof DuetMindError) return [];
    throw error;
  }
}
