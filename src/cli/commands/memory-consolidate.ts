import { toProposalJson } from "../../agent-memory/memory-json.ts";
import type { CommandDefinition } from "../command.ts";
import { oneLine } from "../memory-values.ts";
import { memoryOptions, withMemory } from "../with-memory.ts";

export const memoryConsolidate: CommandDefinition = {
  name: "consolidate",
  summary: "Propose which memories of a session may become one; with --yes they do",
  examples: [
    "duetmind memory consolidate --session s1",
    "duetmind memory consolidate --session s1 --yes",
  ],
  configure: (command) => {
    memoryOptions(command)
      .requiredOption("--session <id>", "the session")
      .option("--yes", "merge them; what they came from stays on record");
  },
  run: ({ options }, context) =>
    withMemory(options, context, async (memory) => {
      const dryRun = options["yes"] !== true;
      const session = options["session"] as string;
      const { proposals, merged } = await memory.consolidateSession(session, { dryRun });
      const lines = proposals.flatMap(({ keep, merge, summary }) => [
        `${keep}  ${oneLine(summary)}`,
        ...merge.map((id) => `  takes in ${id}`),
      ]);
      const next = dryRun && proposals.length > 0 ? ["", "next: the same command with --yes"] : [];
      return {
        json: { proposals: proposals.map(toProposalJson), merged },
        text:
          proposals.length === 0
            ? "nothing says the same twice"
            : [...lines, ...next, ...(dryRun ? [] : ["", `merged ${merged}`])].join("\n"),
      };
    }),
};
