import { z } from "zod";
import { queryFields, sessionId, toQuery } from "../memory-fields.ts";
import { partsReply } from "../memory-schemas.ts";
import { memoryOf } from "../memory-services.ts";
import { itemsWithin, memoryItem, RECALLED, toMemoryItem } from "./memory-item.ts";
import { mostTokens } from "./token-budget.ts";
import { RECALLS, tool } from "./tool.ts";

const foundItem = memoryItem.extend({ score: z.number(), parts: partsReply.optional() });

export const retrieveMemories = tool({
  name: "retrieve_memories",
  title: "Retrieve memories",
  description:
    "Find what was remembered that bears on a question, best first: by meaning and by words, weighed by " +
    "importance and age. Ask before you answer or store; words of the question itself do.",
  scope: "read",
  hints: RECALLS,
  notice: RECALLED,
  input: z.strictObject({
    session_id: sessionId.optional().describe("only there; else in every session you may see"),
    ...queryFields,
    limit: z.int().min(1).max(50).default(10),
    max_tokens: mostTokens,
    explain: z.boolean().default(false).describe("says what each score is made of"),
  }),
  output: z.object({
    memories: z.array(foundItem),
    left_out: z.int().describe("hits that did not fit max_tokens"),
  }),
  async run({ explain, max_tokens, ...args }, caller, services) {
    let memories: z.infer<typeof foundItem>[] = [];
    let found = 0;
    const memory = await memoryOf(services, caller);
    await memory.retrieveMemories({
      ...toQuery(args),
      // the budget is of what is shown, long texts cut: the search's own would be of whole texts
      countShown(hits) {
        const items = hits.map((hit) => ({
          ...toMemoryItem(hit),
          score: hit.score,
          ...(explain ? { parts: { ...hit.parts } } : {}),
        }));
        found = items.length;
        memories = itemsWithin(items, max_tokens);
        return memories.length;
      },
    });
    return { memories, left_out: found - memories.length };
  },
});
