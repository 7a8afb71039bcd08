import { z } from "zod";
import { memoryId } from "../memory-fields.ts";
import { restoredReply } from "../memory-schemas.ts";
import { memoryOf } from "../memory-services.ts";
import { CHANGES, tool } from "./tool.ts";

export const undoConsolidation = tool({
  name: "undo_consolidation",
  title: "Undo a consolidation",
  description:
    "Give back the memories that a memory was put in the place of; a summary that was made of them goes.",
  scope: "write",
  hints: CHANGES,
  input: z.strictObject({ id: memoryId.describe("what they were merged into") }),
  output: restoredReply,
  async run({ id }, caller, services) {
    const { restored } = await (await memoryOf(services, caller)).undoConsolidation(id);
    return { restored: [...restored] };
  },
});
