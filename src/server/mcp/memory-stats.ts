import { z } from "zod";
import { toStatsJson } from "../../agent-memory/memory-json.ts";
import { defined } from "../../core/defined.ts";
import { sessionId } from "../memory-fields.ts";
import { statsReply } from "../memory-schemas.ts";
import { memoryOf } from "../memory-services.ts";
import { READS, tool } from "./tool.ts";

export const memoryStats = tool({
  name: "memory_stats",
  title: "Memory statistics",
  description:
    "How many memories there are, of which types, and which model they are embedded with.",
  scope: "read",
  hints: READS,
  input: z.strictObject({ session_id: sessionId.optional() }),
  output: statsReply,
  async run({ session_id }, caller, services) {
    const memory = await memoryOf(services, caller);
    return toStatsJson(await memory.stats(defined({ sessionId: session_id })));
  },
});
