import { z } from "zod";
import type { MemoryPage, PageOptions } from "../../agent-memory/memory.ts";
import { toMemoryJson, toSessionJson } from "../../agent-memory/memory-json.ts";
import { defined } from "../../core/defined.ts";
import { newMemoryFields, sessionId, toNewMemory } from "../memory-fields.ts";
import { memoryReply, sessionReply, storedReply } from "../memory-schemas.ts";
import { memoryOf } from "../memory-services.ts";
import { type ListQuery, listOf, listQuery } from "./list.ts";
import { toListRequest } from "./list-request.ts";
import { api } from "./route.ts";

const inSession = z.object({ session_id: sessionId });

const toOptions = (query: ListQuery): PageOptions => defined(toListRequest(query));

function toReply<T, Item>(page: MemoryPage<T>, toItem: (each: T) => Item) {
  const { items, nextPageToken, count } = page;
  return { items: items.map(toItem), next_page_token: nextPageToken, ...defined({ count }) };
}

/** Sessions of agent memory: which there are, storing in one, reading one. */
export const memorySessionRoutes = [
  api({
    method: "GET",
    path: "/memory/sessions",
    permission: "memory:read",
    summary: "Sessions of the caller's memory, the last active first",
    query: listQuery,
    reply: listOf(sessionReply),
    async handle({ query, caller }, services) {
      const memory = await memoryOf(services, caller);
      return toReply(await memory.listSessions(toOptions(query)), toSessionJson);
    },
  }),
  api({
    method: "POST",
    path: "/memory/sessions/{session_id}/memories",
    permission: "memory:write",
    summary: "Store memories in a session, all or none; it is made by the first",
    status: 201,
    params: inSession,
    body: z.strictObject({
      memories: z.array(z.strictObject(newMemoryFields)).min(1).max(1_000),
    }),
    reply: z.object({ items: z.array(storedReply) }),
    async handle({ params, body, caller }, services) {
      const memory = await memoryOf(services, caller);
      const now = services.memory.clock.now();
      const wanted = body.memories.map((each) => toNewMemory(params.session_id, each, now));
      return { items: await memory.storeMemories(wanted) };
    },
  }),
  api({
    method: "GET",
    path: "/memory/sessions/{session_id}/memories",
    permission: "memory:read",
    summary: "Memories of a session, the latest stored first",
    params: inSession,
    query: listQuery,
    reply: listOf(memoryReply),
    async handle({ params, query, caller }, services) {
      const memory = await memoryOf(services, caller);
      const options = { ...toOptions(query), sessionId: params.session_id };
      return toReply(await memory.listMemories(options), toMemoryJson);
    },
  }),
];
