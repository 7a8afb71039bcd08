import { z } from "zod";
import { toMemoryJson } from "../../agent-memory/memory-json.ts";
import { DuetMindError } from "../../core/errors.ts";
import { memoryId } from "../memory-fields.ts";
import { memoryReply } from "../memory-schemas.ts";
import { memoryOf } from "../memory-services.ts";
import { RECALLED } from "./memory-item.ts";
import { cursor, cutText, maxTokens, nextCursor, tokensOf } from "./token-budget.ts";
import { READS, tool } from "./tool.ts";

export const getMemory = tool({
  name: "get_memory",
  title: "Get a memory",
  description: "One memory with all that is known of it; long content comes in parts.",
  scope: "read",
  hints: READS,
  notice: RECALLED,
  input: z.strictObject({ id: memoryId, cursor, max_tokens: maxTokens }),
  output: z.object({
    memory: memoryReply.extend({
      metadata: z
        .record(z.string(), z.unknown())
        .nullable()
        .describe("null where it does not fit max_tokens"),
    }),
    next_cursor: nextCursor,
  }),
  async run(args, caller, services) {
    const found = await (await memoryOf(services, caller)).getMemory(args.id);
    const { content, metadata, ...rest } = toMemoryJson(found);
    const half = args.max_tokens / 2;
    const start = toStart(args.cursor, content);
    const part = cutText(content.slice(start), half);
    const end = start + part.length;
    return {
      memory: {
        ...rest,
        content: part,
        metadata: tokensOf(metadata) > half ? null : { ...metadata },
      },
      next_cursor: end < content.length ? String(end) : null,
    };
  },
});

function toStart(cursor: string | undefined, content: string): number {
  if (cursor === undefined) return 0;
  const start = Number(cursor);
  if (/^[1-9]\d*$/.test(cursor) && start < content.length) return start;
  throw new DuetMindError("BAD_INPUT", "cursor: expected the next_cursor of this memory");
}
