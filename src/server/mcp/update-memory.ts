import { z } from "zod";
import { memoryId, patchFields, toPatch } from "../memory-fields.ts";
import { memoryOf } from "../memory-services.ts";
import { memoryItem, toMemoryItem } from "./memory-item.ts";
import { CHANGES, tool } from "./tool.ts";

export const updateMemory = tool({
  name: "update_memory",
  title: "Update a memory",
  description: "Correct a memory: what the patch leaves out stays, null takes away.",
  scope: "write",
  hints: CHANGES,
  input: z.strictObject({ id: memoryId, patch: z.strictObject(patchFields) }),
  output: z.object({ memory: memoryItem }),
  async run({ id, patch }, caller, services) {
    const memory = await memoryOf(services, caller);
    return { memory: toMemoryItem(await memory.updateMemory(id, toPatch(patch))) };
  },
});
