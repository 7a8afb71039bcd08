import { openRepository } from "../../reproduce/files/repository.ts";
import { fetch } from "../../reproduce/remote/transfer.ts";
import type { CommandDefinition } from "../command.ts";
import { configureTransfer, recordedStages, transferOptions } from "../transfer-options.ts";
import { summary, transferResult } from "../transfer-result.ts";

export const command: CommandDefinition = {
  name: "fetch",
  summary: "Bring into the cache what it lacks of the outs, from the remote",
  examples: [
    "duetmind fetch",
    "duetmind fetch data/raw -r storage",
    "duetmind fetch --run-cache --json",
  ],
  configure: configureTransfer,
  async run(invocation, context) {
    const { cwd, env, effects, json } = context;
    const repository = await openRepository(cwd, env, effects);
    const report = await fetch(
      repository,
      await recordedStages(repository, invocation, context),
      transferOptions(invocation, context),
      effects,
    );
    const text = summary([["fetched", report.transferred]]);
    return transferResult("fetch", report, report.failures, { text, json });
  },
};
