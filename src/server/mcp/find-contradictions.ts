import { z } from "zod";
import { toContradictionJson } from "../../agent-memory/memory-json.ts";
import { defined } from "../../core/defined.ts";
import { sessionId } from "../memory-fields.ts";
import { contradictionReply } from "../memory-schemas.ts";
import { memoryOf } from "../memory-services.ts";
import { RECALLED } from "./memory-item.ts";
import { countWithin, maxTokens, shorten } from "./token-budget.ts";
import { READS, tool } from "./tool.ts";

export const findContradictions = tool({
  name: "find_contradictions",
  title: "Find contradictions",
  description:
    "Pairs of memories about one subject that numbers, a denial or opposites set apart, for you to judge. " +
    "Where one does contradict the other, say so with associate_memories: it is not told again.",
  scope: "read",
  hints: READS,
  notice: RECALLED,
  input: z.strictObject({
    session_id: sessionId.optional().describe("with one of them in it; else of all that you see"),
    limit: z.int().min(1).max(50).default(20),
    max_tokens: maxTokens,
  }),
  output: z.object({
    contradictions: z.array(contradictionReply),
    left_out: z.int().describe("those that did not fit max_tokens"),
  }),
  async run({ session_id, limit, max_tokens }, caller, services) {
    const memory = await memoryOf(services, caller);
    const options = { limit, ...defined({ sessionId: session_id }) };
    const found = await memory.contradictionCandidates(options);
    const items = found.map((each) => {
      const { contents, ...rest } = toContradictionJson(each);
      return { ...rest, contents: contents.map(shorten) };
    });
    const count = countWithin(items, max_tokens);
    return { contradictions: items.slice(0, count), left_out: items.length - count };
  },
});
