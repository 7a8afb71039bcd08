import { openRepository } from "../../reproduce/files/repository.ts";
import { push } from "../../reproduce/remote/transfer.ts";
import type { CommandDefinition } from "../command.ts";
import { configureTransfer, recordedStages, transferOptions } from "../transfer-options.ts";
import { summary, transferResult } from "../transfer-result.ts";

export const command: CommandDefinition = {
  name: "push",
  summary: "Send what the remote lacks of the outs",
  examples: [
    "duetmind push",
    "duetmind push data/raw -r storage",
    "duetmind push --run-cache --json",
  ],
  configure: configureTransfer,
  async run(invocation, context) {
    const { cwd, env, effects, json } = context;
    const repository = await openRepository(cwd, env, effects);
    const report = await push(
      repository,
      await recordedStages(repository, invocation, context),
      transferOptions(invocation, context),
      effects,
    );
    const text = summary([["pushed", report.transferred]]);
    return transferResult("push", report, report.failures, { text, json });
  },
};
