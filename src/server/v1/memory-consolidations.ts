import { z } from "zod";
import { toContradictionJson, toProposalJson } from "../../agent-memory/memory-json.ts";
import { defined } from "../../core/defined.ts";
import { memoryId, sessionId } from "../memory-fields.ts";
import { consolidationReply, contradictionReply, restoredReply } from "../memory-schemas.ts";
import { memoryOf } from "../memory-services.ts";
import { api } from "./route.ts";

const inSession = z.object({ session_id: sessionId });

/** Making one of memories that say the same, and telling those that say the opposite. */
export const memoryConsolidationRoutes = [
  api({
    method: "POST",
    path: "/memory/sessions/{session_id}/consolidations",
    permission: "memory:write",
    summary: "Propose what to merge of a session; with dry_run false, merge it",
    params: inSession,
    body: z.strictObject({ dry_run: z.boolean().default(true) }),
    reply: consolidationReply,
    async handle({ params, body, caller }, services) {
      const memory = await memoryOf(services, caller);
      const dryRun = body.dry_run;
      const { proposals, merged } = await memory.consolidateSession(params.session_id, { dryRun });
      return { proposals: proposals.map(toProposalJson), merged };
    },
  }),
  api({
    method: "DELETE",
    path: "/memory/memories/{id}/consolidation",
    permission: "memory:write",
    summary: "Give back what a memory was put in the place of; a summary made of them goes",
    params: z.object({ id: memoryId }),
    reply: restoredReply,
    async handle({ params, caller }, services) {
      return (await memoryOf(services, caller)).undoConsolidation(params.id);
    },
  }),
  api({
    method: "GET",
    path: "/memory/contradictions",
    permission: "memory:read",
    summary: "Pairs of memories that may contradict each other, for somebody to judge",
    query: z.strictObject({
      session_id: sessionId.optional().describe("with one of them in it"),
      limit: z.coerce.number().int().min(1).max(1_000).default(50),
    }),
    reply: z.object({ items: z.array(contradictionReply), next_page_token: z.null() }),
    async handle({ query: { session_id: sessionId, limit }, caller }, services) {
      const memory = await memoryOf(services, caller);
      const found = await memory.contradictionCandidates({ limit, ...defined({ sessionId }) });
      return { items: found.map(toContradictionJson), next_page_token: null };
    },
  }),
];
