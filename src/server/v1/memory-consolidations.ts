import { z } from "zod";
import { toProposalJson } from "../../agent-memory/memory-json.ts";
import { sessionId } from "../memory-fields.ts";
import { consolidationReply } from "../memory-schemas.ts";
import { memoryOf } from "../memory-services.ts";
import { api } from "./route.ts";

const inSession = z.object({ session_id: sessionId });

/** Making one of memories that say the same. */
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
];
