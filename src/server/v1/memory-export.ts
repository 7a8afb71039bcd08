import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import type { MemoryLine } from "../../agent-memory/memory.ts";
import { defined } from "../../core/defined.ts";
import { sessionId } from "../memory-fields.ts";
import { memoryOf } from "../memory-services.ts";
import { api } from "./route.ts";

/** Memories as NDJSON, as `duetmind memory import` takes them. */
export const memoryExportRoutes = [
  api({
    method: "GET",
    path: "/memory/export",
    permission: "memory:read",
    summary: "Memories as NDJSON in the order in which they were stored",
    query: z.strictObject({ session_id: sessionId.optional() }),
    async handle({ query, caller, raw, reply }, services) {
      const memory = await memoryOf(services, caller);
      const lines = memory.exportMemories(defined({ sessionId: query.session_id }));
      const iterator = lines[Symbol.asyncIterator]();
      const first = await iterator.next(); // an error is answered as such before anything is sent
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(name, value);
      }
      reply.raw.writeHead(200, { "content-type": "application/x-ndjson" });
      try {
        await pipeline(Readable.from(toTexts(first, iterator)), reply.raw);
      } catch (error) {
        raw.log.error({ err: error }, "memory export: the stream was cut");
        reply.raw.destroy();
      }
    },
  }),
];

async function* toTexts(
  first: IteratorResult<MemoryLine>,
  rest: AsyncIterator<MemoryLine>,
): AsyncGenerator<string> {
  for (let each = first; each.done !== true; each = await rest.next()) {
    yield `${JSON.stringify(each.value)}\n`;
  }
}
