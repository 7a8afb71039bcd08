import type { Effects } from "../../core/effects.ts";
import { DuetMindError } from "../../core/errors.ts";
import { createObjectPlacer } from "../cache/place-object.ts";
import type { RestorePlan } from "../cache/plan-restore.ts";
import { refuseUnsaved, runRestore } from "../cache/restore.ts";
import { linkTypes } from "../cache/store-out.ts";
import { openLockFiles } from "../files/lock-file.ts";
import type { Repository } from "../files/repository.ts";
import { collectStages } from "../pipeline/collect.ts";
import { type OutTargets, selectOuts } from "../pipeline/select-outs.ts";
import { planOut } from "../remote/pull-outs.ts";
import { type UsedOut, usedOuts } from "../remote/used-objects.ts";
import type { DataReport } from "./data-report.ts";

export type CheckoutOptions = OutTargets &
  Readonly<{
    /** Replaces files that nothing else has. */
    force: boolean;
    /** Makes links and copies anew where they are not of the configured type. */
    relink: boolean;
  }>;

export type CheckoutReport = DataReport &
  Readonly<{
    restored: readonly RestorePlan[];
    /** Outs of which the cache lacks some content: they stay as they were. */
    missing: readonly UsedOut[];
  }>;

/**
 * Brings outs to the state that dvc.lock and the .dvc files record, from the cache alone. An out that
 * the cache has not whole stays as it is in the workspace, and all others come.
 */
export async function checkoutData(
  repository: Repository,
  options: CheckoutOptions,
  effects: Effects,
): Promise<CheckoutReport> {
  const stages = await collectStages(repository, effects);
  const query = { pushing: false, remote: null, isHistory: false };
  const selected = selectOuts(stages, options, repository);
  const outs = usedOuts(selected, openLockFiles(), query, effects);
  const types = linkTypes(repository);
  const plans: RestorePlan[] = [];
  const missing: UsedOut[] = [];
  let changed = 0;
  for (const out of outs) {
    const planned = planOut(out, repository, options.relink ? types : null);
    if (planned === null) missing.push(out);
    else plans.push(...planned);
    if (planned?.some(({ change }) => change !== "unchanged")) changed += 1;
  }
  if (!options.force) refuseUnsaved(plans);
  const placer = createObjectPlacer(repository, types);
  for (const plan of plans) await runRestore(plan, placer, repository.index);
  await repository.index.save(effects);
  const files = outs.map(({ shown, md5, sizeBytes, fileCount }) => ({
    ...{ path: shown, md5, sizeBytes, fileCount },
  }));
  return { files, changed, restored: plans, missing };
}

/** The error for outs that the cache has not whole. */
export function missingOuts(missing: readonly UsedOut[]): DuetMindError {
  const names = missing.map(({ shown }) => shown).join(", ");
  return new DuetMindError(
    "NOT_IN_CACHE",
    `checkout: expected every out in the cache, got nothing to restore ${names} from`,
    {
      hint: "get them with `duetmind pull`, or make them with `duetmind reproduce`",
      issues: missing.map(({ shown, md5 }) => ({ path: shown, expected: md5, got: "nothing" })),
    },
  );
}
