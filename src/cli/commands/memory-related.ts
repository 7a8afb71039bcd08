import type { MemoryRelation } from "../../agent-memory/memory.ts";
import { toRelatedJson } from "../../agent-memory/memory-json.ts";
import { defined } from "../../core/defined.ts";
import { toTable } from "../../core/text-table.ts";
import type { CommandDefinition } from "../command.ts";
import { contentLine, parseCount, parseList } from "../memory-values.ts";
import { memoryOptions, withMemory } from "../with-memory.ts";

export const memoryRelated: CommandDefinition = {
  name: "related",
  summary: "Show what can be reached from a memory by its associations",
  examples: ["duetmind memory related 0199a3c4-1b2c-7d3e-8f40-51627384a5b6 --depth 2"],
  configure: (command) => {
    memoryOptions(command.argument("<id>", "id of the memory"))
      .option("--depth <steps>", "at most so many, 1 to 3", parseCount, 2)
      .option("--limit <number>", "how many memories", parseCount, 50)
      .option("--relations <words>", "comma list: only these are followed", parseList);
  },
  run: ({ args, options }, context) =>
    withMemory(options, context, async (memory) => {
      const relations = options["relations"] as MemoryRelation[] | undefined;
      const found = await memory.relatedMemories(args[0]!, {
        ...{ depth: options["depth"] as number, limit: options["limit"] as number },
        ...defined({ relations }),
      });
      return {
        json: { related: found.map(toRelatedJson) },
        text:
          found.length === 0
            ? "nothing is associated with it"
            : toTable(
                ["steps", "strength", "by", "id", "content"],
                found.map(({ depth, strength, path, memory: { id, content } }) => [
                  ...[String(depth), strength.toFixed(2)],
                  path.map(({ relation }) => relation).join(", "),
                  ...[id, contentLine(content)],
                ]),
              ),
      };
    }),
};
