import type { Services } from "../services.ts";

/** What the tools call: a part of the server's services, so that `duetmind mcp` starts with little. */
export type McpServices = Pick<
  Services,
  "catalogue" | "experiments" | "idempotentReplies" | "memory" | "runs"
>;

/** The services, once there are any: a server over stdio answers before its database is open. */
export type Reach = () => Promise<McpServices>;

/** Tells the log what is no fault of the caller. */
export type ReportError = (error: unknown, message: string) => void;
