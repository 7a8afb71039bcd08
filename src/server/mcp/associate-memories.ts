import { z } from "zod";
import { toAssociationJson } from "../../agent-memory/memory-json.ts";
import { defined } from "../../core/defined.ts";
import { memoryId, relation } from "../memory-fields.ts";
import { associationReply } from "../memory-schemas.ts";
import { memoryOf } from "../memory-services.ts";
import { tool, WRITES } from "./tool.ts";

export const associateMemories = tool({
  name: "associate_memories",
  title: "Associate memories",
  description:
    "Say how two memories belong together, read from → to: from causes to (causal), comes before it " +
    "(temporal), supports or contradicts it, is a part of it (part-of), or is similar.",
  scope: "write",
  hints: WRITES,
  input: z.strictObject({
    from: memoryId,
    to: memoryId,
    relation,
    weight: z.number().min(0).max(1).optional().describe("how strongly; 1 unless given"),
  }),
  output: z.object({ association: associationReply }),
  async run({ from, to, relation, weight }, caller, services) {
    const memory = await memoryOf(services, caller);
    const wanted = { from, to, relation, ...defined({ strength: weight }) };
    return { association: toAssociationJson(await memory.associate(wanted)) };
  },
});
