import { z } from "zod";
import { defined } from "../../core/defined.ts";
import { memoryTypes, sessionId } from "../memory-fields.ts";
import { memoryOf } from "../memory-services.ts";
import { cutItem, memoryItem, RECALLED, toMemoryItem } from "./memory-item.ts";
import { readWithin } from "./read-within.ts";
import { cursor, maxTokens, nextCursor } from "./token-budget.ts";
import { READS, tool } from "./tool.ts";

export const listMemories = tool({
  name: "list_memories",
  title: "List memories",
  description: "Memories in order, the latest stored first: of one session, or of all you may see.",
  scope: "read",
  hints: READS,
  notice: RECALLED,
  input: z.strictObject({
    session_id: sessionId.optional(),
    memory_types: memoryTypes.optional(),
    limit: z.int().min(1).max(100).default(20),
    cursor,
    max_tokens: maxTokens,
  }),
  output: z.object({ memories: z.array(memoryItem), next_cursor: nextCursor }),
  async run(args, caller, services) {
    const memory = await memoryOf(services, caller);
    const { session_id, memory_types, cursor } = args;
    const filter = defined({
      sessionId: session_id,
      memoryTypes: memory_types,
      pageToken: cursor,
    });
    const page = await readWithin(args.max_tokens, args.limit, async (limit) => {
      const { items, nextPageToken } = await memory.listMemories({ ...filter, limit });
      return { items: items.map(toMemoryItem), next: nextPageToken };
    });
    const memories = page.items.map((item) => cutItem(item, args.max_tokens) ?? item);
    return { memories, next_cursor: page.next };
  },
});
