import type { Scope } from "../access/scope.ts";
import type { MemoryIdentity } from "../agent-memory/memory.ts";

/** Who sent a request, what they may do, and whose memory they have. */
export type Caller = MemoryIdentity & Readonly<{ scope: Scope }>;

/** Whose an Idempotency-Key is: two tenants may have API keys of one name. */
export function keyHolderOf({ tenant, agent, actor }: Caller): string {
  return JSON.stringify([tenant, agent, actor]);
}
