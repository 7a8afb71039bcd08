import { openRepository } from "../reproduce/files/repository.ts";
import type { push } from "../reproduce/remote/transfer.ts";
import type { CommandDefinition } from "./command.ts";
import { configureTransfer, recordedStages, transferOptions } from "./transfer-options.ts";
import { summary, transferResult } from "./transfer-result.ts";

type Words = Readonly<{
  name: "push" | "fetch";
  summary: string;
  examples: readonly string[];
  /** What became of a file, in the summary. */
  done: string;
}>;

/** `push` and `fetch` are one command in two directions. */
export function transferCommand(words: Words, transfer: typeof push): CommandDefinition {
  const { name, summary: about, examples, done } = words;
  return {
    ...{ name, summary: about, examples },
    configure: configureTransfer,
    async run(invocation, context) {
      const { cwd, env, effects, json } = context;
      const repository = await openRepository(cwd, env, effects);
      const report = await transfer(
        repository,
        await recordedStages(repository, invocation, context),
        transferOptions(invocation, context),
        effects,
      );
      const text = summary([[done, report.transferred]]);
      return transferResult(name, report, report.failures, { text, json });
    },
  };
}
