import { z } from "zod";
import { toProposalJson } from "../../agent-memory/memory-json.ts";
import { sessionId } from "../memory-fields.ts";
import { consolidationReply } from "../memory-schemas.ts";
import { memoryOf } from "../memory-services.ts";
import { RECALLED } from "./memory-item.ts";
import { countWithin, maxTokens, shorten } from "./token-budget.ts";
import { CHANGES, tool } from "./tool.ts";

export const consolidateSession = tool({
  name: "consolidate_session",
  title: "Consolidate a session",
  description:
    "Propose which memories of a session say the same and may become one; with dry_run false they do, " +
    "and what they came from stays on record.",
  scope: "write",
  hints: CHANGES,
  notice: RECALLED,
  input: z.strictObject({
    session_id: sessionId,
    dry_run: z.boolean().default(true),
    max_tokens: maxTokens,
  }),
  output: consolidationReply.extend({
    left_out: z.int().describe("proposals that did not fit max_tokens"),
  }),
  async run({ session_id, dry_run, max_tokens }, caller, services) {
    const memory = await memoryOf(services, caller);
    const { proposals, merged } = await memory.consolidateSession(session_id, { dryRun: dry_run });
    const items = proposals.map((each) => {
      return { ...toProposalJson(each), summary: shorten(each.summary) };
    });
    const count = countWithin(items, max_tokens);
    return { proposals: items.slice(0, count), merged, left_out: items.length - count };
  },
});
