import { defined } from "../../core/defined.ts";
import type { CommandDefinition } from "../command.ts";
import { parseList } from "../memory-values.ts";
import { allAgentsOption, memoryOptions, withMemory } from "../with-memory.ts";

export const memoryExport: CommandDefinition = {
  name: "export",
  summary: "Print memories as NDJSON, as `memory import` takes them",
  examples: [
    "duetmind memory export > memories.ndjson",
    "duetmind memory export --session s1 --all-agents",
  ],
  configure: (command) => {
    memoryOptions(command)
      .option("--session <id>", "of this session only")
      .option("--types <words>", "comma list: of these types only", parseList)
      .addOption(allAgentsOption());
  },
  run: ({ options }, context) =>
    withMemory(options, context, (memory) => {
      const selection = defined({
        sessionId: options["session"] as string | undefined,
        memoryTypes: options["types"] as string[] | undefined,
      });
      return context.stream(toTexts(memory.exportMemories(selection)));
    }),
};

async function* toTexts(lines: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const line of lines) yield JSON.stringify(line);
}
