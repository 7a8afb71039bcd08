import { DuetMindError } from "../core/errors.ts";
import { openLockFiles } from "../reproduce/files/lock-file.ts";
import { openRepository } from "../reproduce/files/repository.ts";
import { collectStages } from "../reproduce/pipeline/collect.ts";
import { EVERY_OUT } from "../reproduce/pipeline/select-outs.ts";
import { openRemotes } from "../reproduce/remote/open-remotes.ts";
import { fetchRuns } from "../reproduce/remote/run-cache-transfer.ts";
import { fetch } from "../reproduce/remote/transfer.ts";
import type { ReproduceOptions } from "../reproduce/run/reproduce-options.ts";
import { checkout } from "../reproduce/workspace/checkout.ts";
import type { CliContext } from "./context.ts";

/**
 * `reproduce --pull`: brings the runs of the run-cache from the default remote, and then the outs that
 * stages ask for. What is not to be had is made by its stage, so it is only noted.
 */
export async function openBringer(
  withRuns: boolean,
  { cwd, env, effects }: CliContext,
): Promise<NonNullable<ReproduceOptions["bring"]>> {
  const repository = await openRepository(cwd, env, effects);
  const views = [{ stages: await collectStages(repository, effects), locks: openLockFiles() }];
  const choice = { remote: null, jobs: null, env };

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DuetMindError)) throw error;
      effects.progress.note(`--pull: ${error.message}`);
    }
  }

  if (withRuns) {
    await attempt(async () => {
      const remotes = openRemotes(repository.config, choice, effects);
      await fetchRuns(repository, await remotes.open(remotes.chosenName()));
    });
  }
  return async (targets) => {
    const asked = { ...EVERY_OUT, targets };
    await attempt(async () => {
      const options = { ...asked, ...choice, runCache: false };
      const { failures } = await fetch(repository, views, options, effects);
      for (const { object, got } of failures) effects.progress.note(`${object.shown}: ${got}`);
    });
    await attempt(async () => {
      const options = { ...asked, force: false, relink: false, allowMissing: true };
      await checkout(repository, options, effects);
    });
  };
}
