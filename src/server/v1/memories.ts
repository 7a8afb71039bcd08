import { z } from "zod";
import { noAssociation } from "../../agent-memory/associations/associate.ts";
import type { MemoryRecord } from "../../agent-memory/memory.ts";
import {
  toAssociationJson,
  toMemoryJson,
  toRelatedJson,
  toStatsJson,
} from "../../agent-memory/memory-json.ts";
import { defined } from "../../core/defined.ts";
import { toJsonText } from "../../core/json-text.ts";
import {
  forgetFields,
  memoryId,
  patchFields,
  relation,
  sessionId,
  toPatch,
  toSelection,
} from "../memory-fields.ts";
import {
  associationReply,
  forgottenReply,
  memoryReply,
  relatedReply,
  statsReply,
} from "../memory-schemas.ts";
import { memoryOf } from "../memory-services.ts";
import { checkIfMatch, weakEtagOf } from "./etag.ts";
import { parseRequest } from "./parse-request.ts";
import { api } from "./route.ts";

const one = z.object({ id: memoryId });
const namedRelations = z.object({ relations: z.array(relation).optional() });
const mode = z.enum(["soft", "hard"]).default("soft");

/** Being recalled does not make another memory of it: a writer's tag outlasts its readers. */
function tagOf(memory: MemoryRecord): string {
  const { last_accessed: _, access_count: __, ...lasting } = toMemoryJson(memory);
  return weakEtagOf(toJsonText(lasting));
}

/** Single memories of agents, what binds them, and forgetting. */
export const memoryRoutes = [
  api({
    method: "GET",
    path: "/memory/memories/{id}",
    permission: "memory:read",
    summary: "A memory",
    params: one,
    reply: memoryReply,
    async handle({ params, caller, reply }, services) {
      const memory = await (await memoryOf(services, caller)).getMemory(params.id);
      reply.header("etag", tagOf(memory));
      return toMemoryJson(memory);
    },
  }),
  api({
    method: "PATCH",
    path: "/memory/memories/{id}",
    permission: "memory:write",
    summary: "Change a memory: what is left out stays, null takes away",
    params: one,
    body: z.strictObject(patchFields),
    reply: memoryReply,
    async handle({ params, body, caller, raw, reply }, services) {
      const memory = await memoryOf(services, caller);
      const changed = await memory.updateMemory(params.id, toPatch(body), {
        check: (current) => checkIfMatch(raw, tagOf(current)),
      });
      reply.header("etag", tagOf(changed));
      return toMemoryJson(changed);
    },
  }),
  api({
    method: "DELETE",
    path: "/memory/memories/{id}",
    permission: "memory:forget",
    summary: "Forget a memory; with mode=hard its content is deleted at once",
    params: one,
    query: z.strictObject({ mode }),
    reply: forgottenReply,
    async handle({ params, query, caller, raw }, services) {
      const memory = await memoryOf(services, caller);
      await memory.getMemory(params.id); // one that is not there is a 404
      const options = {
        mode: query.mode,
        check: (now: MemoryRecord) => checkIfMatch(raw, tagOf(now)),
      };
      return { ...(await memory.forgetMemories({ id: params.id }, options)), dry_run: false };
    },
  }),
  api({
    method: "POST",
    path: "/memory/deletions",
    permission: "memory:forget",
    summary: "Forget all memories of a session, a subject, a type, with metadata, or before a time",
    body: z.strictObject({
      ...forgetFields,
      mode,
      dry_run: z.boolean().default(false),
    }),
    reply: forgottenReply,
    async handle({ body, caller }, services) {
      const { mode, dry_run: dryRun, ...fields } = body;
      const memory = await memoryOf(services, caller);
      const done = await memory.forgetMemories(toSelection(fields), { mode, dryRun });
      return { ...done, dry_run: dryRun };
    },
  }),
  api({
    method: "POST",
    path: "/memory/associations",
    permission: "memory:write",
    summary: "Associate two memories, read from → to, or change how strongly",
    status: 201,
    body: z.strictObject({
      from: memoryId,
      to: memoryId,
      relation,
      strength: z.number().min(0).max(1).optional(),
    }),
    reply: associationReply,
    async handle({ body: { strength, ...ends }, caller }, services) {
      const memory = await memoryOf(services, caller);
      return toAssociationJson(await memory.associate({ ...ends, ...defined({ strength }) }));
    },
  }),
  api({
    method: "DELETE",
    path: "/memory/associations",
    permission: "memory:write",
    summary: "Remove an association, one that DuetMind made too",
    status: 204,
    query: z.strictObject({ from: memoryId, to: memoryId, relation }),
    async handle({ query, caller }, services) {
      const memory = await memoryOf(services, caller);
      if (!(await memory.dissociate(query))) throw noAssociation(query);
    },
  }),
  api({
    method: "GET",
    path: "/memory/memories/{id}/related",
    permission: "memory:read",
    summary: "What can be reached from a memory by its associations, the strongest first",
    params: one,
    query: z.strictObject({
      depth: z.coerce.number().int().min(1).max(3).default(2),
      limit: z.coerce.number().int().min(1).max(1_000).default(50),
      relations: z.string().optional().describe("comma list, such as `causal,supports`"),
    }),
    reply: z.object({ items: z.array(relatedReply), next_page_token: z.null() }),
    async handle({ params, query, caller }, services) {
      const memory = await memoryOf(services, caller);
      const { depth, limit } = query;
      const named = query.relations?.split(",").map((each) => each.trim());
      const { relations } = parseRequest(namedRelations, defined({ relations: named }), "query");
      const found = await memory.relatedMemories(params.id, {
        ...{ depth, limit },
        ...defined({ relations }),
      });
      return { items: found.map(toRelatedJson), next_page_token: null };
    },
  }),
  api({
    method: "GET",
    path: "/memory/stats",
    permission: "memory:read",
    summary: "How much there is, and which model it is embedded with",
    query: z.strictObject({ session_id: sessionId.optional() }),
    reply: statsReply,
    async handle({ query, caller }, services) {
      const memory = await memoryOf(services, caller);
      return toStatsJson(await memory.stats(defined({ sessionId: query.session_id })));
    },
  }),
];
