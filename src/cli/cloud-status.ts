import type { Repository } from "../reproduce/files/repository.ts";
import { cloudStatus } from "../reproduce/remote/cloud-status.ts";
import { chooseRemoteName } from "../reproduce/remote/remote-settings.ts";
import { wantedOuts } from "../reproduce/remote/transfer.ts";
import type { CommandResult, Invocation } from "./command.ts";
import type { CliContext } from "./context.ts";
import { recordedStages, transferOptions } from "./transfer-options.ts";

/** `status -c`: what the cache and the remote have of each other, in DVC's words. */
export async function cloudStatusResult(
  repository: Repository,
  invocation: Invocation,
  context: CliContext,
): Promise<CommandResult> {
  const { effects, json } = context;
  const options = transferOptions(invocation, context);
  const remote = chooseRemoteName(repository.config, options.remote);
  const views = await recordedStages(repository, invocation, context);
  const outs = wantedOuts(views, repository, options, true, effects);
  const changes = await cloudStatus(outs, repository, options, effects);
  const lines = [...changes].map(([path, change]) => `\t${`${change}:`.padEnd(20)}${path}`);
  const isQuiet = invocation.options["quiet"] === true && !json;
  const text = lines.length > 0 ? lines.join("\n") : `Cache and remote '${remote}' are in sync.`;
  return {
    json: Object.fromEntries(changes),
    text: isQuiet ? "" : text,
    exitCode: isQuiet && changes.size > 0 ? 1 : 0,
  };
}
