import type { Services } from "../services.ts";

/** What the tools call: a part of the server's services, so that `duetmind mcp` starts with little. */
export type McpServices = Pick<
  Services,
  "catalogue" | "experiments" | "idempotentReplies" | "memory" | "runs"
>;
