import { z } from "zod";
import { toSessionJson } from "../../agent-memory/memory-json.ts";
import { defined } from "../../core/defined.ts";
import { sessionReply } from "../memory-schemas.ts";
import { memoryOf } from "../memory-services.ts";
import { readWithin } from "./read-within.ts";
import { cursor, maxTokens, nextCursor } from "./token-budget.ts";
import { READS, tool } from "./tool.ts";

export const listSessions = tool({
  name: "list_sessions",
  title: "List sessions",
  description: "Sessions that hold memories of yours, the last active first.",
  scope: "read",
  hints: READS,
  input: z.strictObject({
    limit: z.int().min(1).max(100).default(50),
    cursor,
    max_tokens: maxTokens,
  }),
  output: z.object({ sessions: z.array(sessionReply), next_cursor: nextCursor }),
  async run(args, caller, services) {
    const memory = await memoryOf(services, caller);
    const token = defined({ pageToken: args.cursor });
    const page = await readWithin(args.max_tokens, args.limit, async (limit) => {
      const { items, nextPageToken } = await memory.listSessions({ ...token, limit });
      return { items: items.map(toSessionJson), next: nextPageToken };
    });
    return { sessions: [...page.items], next_cursor: page.next };
  },
});
