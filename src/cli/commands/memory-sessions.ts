import type { MemorySession } from "../../agent-memory/memory.ts";
import { toSessionJson } from "../../agent-memory/memory-json.ts";
import { toTable } from "../../core/text-table.ts";
import type { CommandDefinition } from "../command.ts";
import { allAgentsOption, memoryOptions, withMemory } from "../with-memory.ts";

const PAGE = 1_000;

export const memorySessions: CommandDefinition = {
  name: "sessions",
  summary: "List the sessions that hold memories, the last active first",
  examples: ["duetmind memory sessions", "duetmind memory sessions --agent nurse --json"],
  configure: (command) => {
    memoryOptions(command).addOption(allAgentsOption());
  },
  run: ({ options }, context) =>
    withMemory(options, context, async (memory) => {
      const sessions: MemorySession[] = [];
      let token: string | null = null;
      do {
        const from: { pageToken?: string } = token === null ? {} : { pageToken: token };
        const page = await memory.listSessions({ limit: PAGE, ...from });
        sessions.push(...page.items);
        token = page.nextPageToken;
      } while (token !== null);
      const json = sessions.map(toSessionJson);
      return {
        json: { sessions: json },
        text:
          json.length === 0
            ? "there is no memory yet; next: duetmind memory store --session ID --content TEXT"
            : toTable(
                ["session", "agent", "memories", "made", "last active"],
                json.map((each) => [
                  ...[each.session_id, each.agent, String(each.memories)],
                  ...[each.created_at, each.last_active_at],
                ]),
              ),
      };
    }),
};
