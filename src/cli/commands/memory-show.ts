import { toMemoryJson } from "../../agent-memory/memory-json.ts";
import type { CommandDefinition } from "../command.ts";
import { memoryOptions, withMemory } from "../with-memory.ts";

export const memoryShow: CommandDefinition = {
  name: "show",
  summary: "Show a memory with all that is known of it",
  examples: ["duetmind memory show 0199a3c4-1b2c-7d3e-8f40-51627384a5b6"],
  configure: (command) => {
    memoryOptions(command.argument("<id>", "id of the memory"));
  },
  run: ({ args, options }, context) =>
    withMemory(options, context, async (memory) => {
      const json = toMemoryJson(await memory.getMemory(args[0]!));
      const { content, metadata, ...rest } = json;
      const lines = Object.entries(rest).flatMap(([name, value]) =>
        value === null ? [] : [`${name.replaceAll("_", " ").padEnd(16)}${value}`],
      );
      const shown = `${"metadata".padEnd(16)}${JSON.stringify(metadata)}`;
      return { json, text: [content, "", ...lines, shown].join("\n") };
    }),
};
