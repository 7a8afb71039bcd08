import type { Scope } from "../access/scope.ts";
import type { MemoryIdentity } from "../agent-memory/memory.ts";

/** Who sent a request, what they may do, and whose memory they have. */
export type Caller = MemoryIdentity & Readonly<{ scope: Scope }>;
