import { existsSync } from "node:fs";
import { openLockFiles } from "../reproduce/files/lock-file.ts";
import { openRepository } from "../reproduce/files/repository.ts";
import { collectStages } from "../reproduce/pipeline/collect.ts";
import { EVERY_OUT, selectOuts } from "../reproduce/pipeline/select-outs.ts";
import { pull } from "../reproduce/remote/pull-outs.ts";
import type { CliContext } from "./context.ts";

/**
 * `reproduce --pull`: brings from the default remote the recorded outs that are not there, and the runs
 * of the run-cache. What the remote does not have is made by its stage, so it is only noted.
 */
export async function pullMissing({ cwd, env, effects }: CliContext): Promise<void> {
  const repository = await openRepository(cwd, env, effects);
  const stages = await collectStages(repository, effects);
  const missing = selectOuts(stages, EVERY_OUT, repository).filter(
    ({ out, path }) => out.isCached && !existsSync(path),
  );
  if (missing.length === 0) return;
  const { failures } = await pull(
    repository,
    [{ stages, locks: openLockFiles() }],
    {
      ...EVERY_OUT,
      targets: missing.map(({ shown }) => shown),
      remote: null,
      jobs: null,
      runCache: true,
      force: false,
      env,
    },
    effects,
  );
  for (const { object, got } of failures) effects.progress.note(`${object.shown}: ${got}`);
}
