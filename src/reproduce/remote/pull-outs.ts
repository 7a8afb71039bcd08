import { join } from "node:path";
import type { Effects } from "../../core/effects.ts";
import { DuetMindError } from "../../core/errors.ts";
import { readPathState } from "../cache/path-state.ts";
import { createObjectPlacer } from "../cache/place-object.ts";
import { rememberPlaced, removeUnused } from "../cache/placed-outs.ts";
import { planRestore, type RestorePlan, type WantedOut } from "../cache/plan-restore.ts";
import { refuseUnsaved, runRestore } from "../cache/restore.ts";
import { linkTypes } from "../cache/store-out.ts";
import type { Repository } from "../files/repository.ts";
import { outPaths } from "../pipeline/select-outs.ts";
import { fetch, type RecordedStages, type TransferOptions } from "./transfer.ts";
import type { TransferFailure } from "./transfer-failure.ts";
import type { TransferReport } from "./transfer-report.ts";
import { directoryFiles, type UsedOut } from "./used-objects.ts";

export type PullOptions = TransferOptions &
  Readonly<{
    /** Replaces files that nothing else has. */
    force: boolean;
  }>;

export type PullReport = TransferReport &
  Readonly<{
    restored: readonly RestorePlan[];
    /** Outs that nothing uses any more, and that were taken away, as checkout does. */
    removed: readonly string[];
  }>;

/**
 * Fetches outs and brings them to their places. An out of which something is missing stays as it was in
 * the workspace; all others come.
 */
export async function pull(
  repository: Repository,
  views: readonly RecordedStages[],
  options: PullOptions,
  effects: Effects,
): Promise<PullReport> {
  const report = await fetch(repository, views, options, effects);
  const changed = new Set(report.changed);
  const missing: TransferFailure[] = [];
  const told = new Set(report.failures.map(({ object }) => object.md5));
  const plans: RestorePlan[] = [];
  for (const out of report.outs) {
    if (out.isHistory) continue;
    const planned = planOut(out, repository);
    if (planned === null) {
      const got = "nothing in the cache to restore it from";
      if (!told.has(out.md5)) missing.push({ object: out, got, isMissing: true });
      continue;
    }
    plans.push(...planned);
    if (planned.some(({ change }) => change !== "unchanged")) changed.add(out);
  }
  if (!options.force) refuseUnsaved(plans);
  const [now] = views;
  const isWhole = options.targets.length === 0 && now !== undefined;
  const removed = isWhole ? removeUnused(repository, outPaths(now.stages)) : [];
  const placer = createObjectPlacer(repository, linkTypes(repository));
  for (const plan of plans) await runRestore(plan, placer, repository.index);
  await repository.index.save(effects);
  await rememberPlaced(repository, placedBy(plans, report.outs), effects);
  const failures = [...report.failures, ...(report.failures.length === 0 ? missing : [])];
  return { ...report, changed, failures, restored: plans, removed };
}

/** How an out, or what is asked for of it, comes to its place; null when the cache lacks some of it. */
function planOut(out: UsedOut, repository: Repository): readonly RestorePlan[] | null {
  try {
    return wantedParts(out, repository).map((part) =>
      planRestore(part, readPathState(part.path, repository), repository),
    );
  } catch (error) {
    if (error instanceof DuetMindError && error.code === "NOT_IN_CACHE") return null;
    throw error;
  }
}

/** The whole outs that stand as they are recorded now: absolute path → md5. */
export function placedBy(
  plans: readonly RestorePlan[],
  outs: readonly UsedOut[],
): ReadonlyMap<string, string> {
  const placed = new Set(plans.map(({ path }) => path));
  const whole = outs.filter(({ path, inside }) => inside === null && placed.has(path));
  return new Map(whole.filter(({ kind }) => kind === "md5").map(({ path, md5 }) => [path, md5]));
}

/** The out, or the files of it that are asked for. */
export function wantedParts(out: UsedOut, repository: Repository): readonly WantedOut[] {
  if (out.inside === null || !out.md5.endsWith(".dir")) return [out];
  return (directoryFiles(out, repository)?.asked ?? []).map(({ relpath, md5 }) => ({
    path: join(out.path, relpath),
    shown: join(out.shown, relpath),
    md5,
    kind: out.kind,
    isExecutable: false,
  }));
}
