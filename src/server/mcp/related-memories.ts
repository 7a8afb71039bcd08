import { z } from "zod";
import { defined } from "../../core/defined.ts";
import { memoryId, relation } from "../memory-fields.ts";
import { memoryOf } from "../memory-services.ts";
import { itemsWithin, memoryItem, RECALLED, toMemoryItem } from "./memory-item.ts";
import { mostTokens } from "./token-budget.ts";
import { READS, tool } from "./tool.ts";

const step = z.object({ from: z.string(), to: z.string(), relation, strength: z.number() });

export const relatedMemories = tool({
  name: "related_memories",
  title: "Related memories",
  description: "What can be reached from a memory by its associations, the strongest way first.",
  scope: "read",
  hints: READS,
  notice: RECALLED,
  input: z.strictObject({
    id: memoryId,
    depth: z.int().min(1).max(3).default(2).describe("steps"),
    limit: z.int().min(1).max(50).default(20),
    relations: z.array(relation).min(1).optional().describe("only these are followed"),
    max_tokens: mostTokens,
  }),
  output: z.object({
    memories: z.array(
      memoryItem.extend({ depth: z.int(), strength: z.number(), path: z.array(step) }),
    ),
    left_out: z.int().describe("those that did not fit max_tokens"),
  }),
  async run({ id, depth, limit, relations, max_tokens }, caller, services) {
    const memory = await memoryOf(services, caller);
    const found = await memory.relatedMemories(id, { depth, limit, ...defined({ relations }) });
    const items = found.map((each) => ({
      ...toMemoryItem(each.memory),
      ...{ depth: each.depth, strength: each.strength },
      path: each.path.map(({ from, to, relation, strength }) => ({ from, to, relation, strength })),
    }));
    const memories = itemsWithin(items, max_tokens);
    return { memories, left_out: items.length - memories.length };
  },
});
