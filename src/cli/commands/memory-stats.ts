import { toStatsJson } from "../../agent-memory/memory-json.ts";
import { countOf } from "../../core/count-of.ts";
import { defined } from "../../core/defined.ts";
import type { CommandDefinition } from "../command.ts";
import { allAgentsOption, memoryOptions, withMemory } from "../with-memory.ts";

export const memoryStats: CommandDefinition = {
  name: "stats",
  summary: "Count memories, and say which model they are embedded with",
  examples: ["duetmind memory stats", "duetmind memory stats --session s1 --json"],
  configure: (command) => {
    memoryOptions(command)
      .option("--session <id>", "of this session only")
      .addOption(allAgentsOption());
  },
  run: ({ options }, context) =>
    withMemory(options, context, async (memory) => {
      const sessionId = options["session"] as string | undefined;
      const json = toStatsJson(await memory.stats(defined({ sessionId })));
      const { memories, sessions, by_type, associations, embedding, sealing } = json;
      const types = Object.entries(by_type).map(([type, count]) => `${count} ${type}`);
      return {
        json,
        text: [
          `${countOf(memories, "memory", "memories")} in ${countOf(sessions, "session")}${types.length === 0 ? "" : `: ${types.join(", ")}`}`,
          countOf(associations, "association"),
          `${embedding.embedded} embedded with ${embedding.model}, ${embedding.runtime} (${embedding.dimensions} dimensions), ${embedding.waiting} waiting`,
          embedding.is_indexed ? "searched by an index" : "searched by comparing each",
          `fingerprint ${embedding.fingerprint}`,
          ...(sealing === null
            ? []
            : [`${sealing.sealed} sealed with the current key, ${sealing.waiting} waiting`]),
        ].join("\n"),
      };
    }),
};
