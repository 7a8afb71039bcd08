import { z } from "zod";
import { noAssociation } from "../../agent-memory/associations/associate.ts";
import { memoryId, relation } from "../memory-fields.ts";
import { memoryOf } from "../memory-services.ts";
import { CHANGES, tool } from "./tool.ts";

export const dissociateMemories = tool({
  name: "dissociate_memories",
  title: "Take an association away",
  description:
    "Take back that two memories belong together, read from → to as it was said; one that was found by " +
    "itself (similar) too. Both memories stay.",
  scope: "write",
  hints: CHANGES,
  input: z.strictObject({ from: memoryId, to: memoryId, relation }),
  output: z.object({ from: z.string(), to: z.string(), relation, removed: z.literal(true) }),
  async run(ends, caller, services) {
    const memory = await memoryOf(services, caller);
    if (!(await memory.dissociate(ends))) throw noAssociation(ends);
    return { ...ends, removed: true } as const;
  },
});
