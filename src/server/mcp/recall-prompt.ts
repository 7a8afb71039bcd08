import type { McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { toJsonText } from "../../core/json-text.ts";
import type { Caller } from "../caller.ts";
import { memoryOf } from "../memory-services.ts";
import { toClientError } from "../respond.ts";
import { RECALLED, toMemoryItem } from "./memory-item.ts";
import type { Reach, ReportError } from "./services.ts";
import { countWithin, MAX_TOKENS } from "./token-budget.ts";

const LIMIT = 10;
const argsSchema = z.object({
  query: z.string().min(1).describe("what the conversation is about"),
  session_id: z.string().min(1).optional().describe("only there; else in every session"),
});

/** The prompt "recall context": a person puts what is remembered about a subject into a conversation. */
export function addRecallPrompt(
  server: McpServer,
  caller: Caller,
  reach: Reach,
  report: ReportError,
): void {
  const about = { title: "Recall context", description: "What is remembered about a subject" };
  server.registerPrompt("recall_context", { ...about, argsSchema }, async (args) => {
    const { query, session_id: sessionId } = args;
    try {
      const memory = await memoryOf(await reach(), caller);
      const wanted = { query, limit: LIMIT, ...(sessionId === undefined ? {} : { sessionId }) };
      const items = (await memory.retrieveMemories(wanted)).map(toMemoryItem);
      const text = `${RECALLED}\n${toJsonText(items.slice(0, countWithin(items, MAX_TOKENS)))}`;
      return { messages: [{ role: "user", content: { type: "text", text } }] };
    } catch (error) {
      const known = toClientError(error, (message) => report(error, message));
      throw new Error(`${known.code}: ${known.message}`);
    }
  });
}
