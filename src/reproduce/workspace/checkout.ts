import type { Effects } from "../../core/effects.ts";
import { DuetMindError } from "../../core/errors.ts";
import { readPathState } from "../cache/path-state.ts";
import { createObjectPlacer } from "../cache/place-object.ts";
import { rememberPlaced, removeUnused } from "../cache/placed-outs.ts";
import { planRestore, type RestorePlan } from "../cache/plan-restore.ts";
import { refuseUnsaved, runRestore } from "../cache/restore.ts";
import { linkTypes } from "../cache/store-out.ts";
import { openLockFiles, recordedEntry } from "../files/lock-file.ts";
import type { Repository } from "../files/repository.ts";
import { collectStages } from "../pipeline/collect.ts";
import { type OutTargets, outPaths, selectOuts } from "../pipeline/select-outs.ts";
import { placedBy, wantedParts } from "../remote/pull-outs.ts";
import { type UsedOut, usedOuts } from "../remote/used-objects.ts";

export type CheckoutOptions = OutTargets &
  Readonly<{
    /** Replaces files that nothing else has. */
    force: boolean;
    /** Makes links of another type than `cache.type` names anew. */
    relink: boolean;
    /** Passes over what the cache lacks. */
    allowMissing: boolean;
  }>;

export type CheckoutReport = Readonly<{
  outs: readonly UsedOut[];
  plans: readonly RestorePlan[];
  /** Outs that nothing uses any more, and that were taken away; absolute, a folder's with a slash. */
  removed: readonly string[];
  failures: readonly DuetMindError[];
}>;

/**
 * Brings outs to their places as they are recorded. Nothing is touched while a file would be lost; an
 * out of which the cache lacks something stays as it was, and all others come. Without targets what is no
 * out any more goes, if it stands as it was brought and the cache has it.
 */
export async function checkout(
  repository: Repository,
  options: CheckoutOptions,
  effects: Effects,
): Promise<CheckoutReport> {
  const locks = openLockFiles();
  const stages = await collectStages(repository, effects);
  const selected = selectOuts(stages, options, repository);
  const query = { pushing: false, remote: null, isHistory: false };
  const outs = usedOuts(selected, locks, query, effects);
  const failures: DuetMindError[] = selected
    .filter(
      ({ stage, out }) => out.isCached && !recordedEntry(stage, locks)?.outs.get(out.path)?.md5,
    )
    .map(({ shown }) => unrecorded(shown));
  const types = linkTypes(repository);
  const planned: RestorePlan[] = [];
  for (const out of outs) {
    await collect(failures, () => {
      for (const part of wantedParts(out, repository)) {
        const now = readPathState(part.path, repository, part.kind);
        planned.push(planRestore(part, now, repository, options.relink ? types : null));
      }
    });
  }
  if (!options.force) refuseUnsaved(planned);
  const removed = options.targets.length > 0 ? [] : removeUnused(repository, outPaths(stages));
  const placer = createObjectPlacer(repository, types);
  const plans: RestorePlan[] = [];
  try {
    for (const plan of planned) {
      await collect(failures, async () => {
        await runRestore(plan, placer, repository.index);
        plans.push(plan);
      });
    }
  } finally {
    await repository.index.save(effects);
  }
  await rememberPlaced(repository, placedBy(plans, outs), effects);
  return { outs, plans, removed, failures: options.allowMissing ? [] : failures };
}

/** What the cache lacks concerns one out; any other failure ends the command. */
async function collect(failures: DuetMindError[], work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DuetMindError) || error.code !== "NOT_IN_CACHE") throw error;
    failures.push(error);
  }
}

function unrecorded(shown: string): DuetMindError {
  return new DuetMindError(
    "NOT_IN_CACHE",
    `${shown}: expected an out that is recorded, got one that was never made`,
    { file: shown, hint: "duetmind reproduce makes it" },
  );
}
