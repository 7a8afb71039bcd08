import { z } from "zod";
import { toHitJson } from "../../agent-memory/memory-json.ts";
import { queryFields, sessionId, toQuery } from "../memory-fields.ts";
import { hitReply } from "../memory-schemas.ts";
import { memoryOf } from "../memory-services.ts";
import { api } from "./route.ts";

const inSession = z.object({ session_id: sessionId });
const MAX_HITS = 200;
const search = z.strictObject({
  ...queryFields,
  limit: z.int().min(1).max(MAX_HITS).default(10),
  max_tokens: z.int().min(1).optional().describe("hits stop before their texts exceed so many"),
});
const hits = z.object({ hits: z.array(hitReply) });

/** Finding memories by a query. */
export const memorySearchRoutes = [
  api({
    method: "POST",
    path: "/memory/sessions/{session_id}/searches",
    permission: "memory:read",
    summary: "Find the memories of a session that answer a query, best first",
    params: inSession,
    body: search,
    reply: hits,
    async handle({ params, body, caller }, services) {
      const memory = await memoryOf(services, caller);
      const found = await memory.retrieveMemories(toQuery({ ...body, ...params }));
      return { hits: found.map(toHitJson) };
    },
  }),
  api({
    method: "POST",
    path: "/memory/searches",
    permission: "memory:read",
    summary: "Find memories over every session that the caller sees",
    body: search,
    reply: hits,
    async handle({ body, caller }, services) {
      const memory = await memoryOf(services, caller);
      return { hits: (await memory.retrieveMemories(toQuery(body))).map(toHitJson) };
    },
  }),
];
