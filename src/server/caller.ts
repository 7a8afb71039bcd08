import type { Scope } from "../access/scope.ts";

/** Who sent a request, and what they may do. */
export type Caller = Readonly<{ actor: string; scope: Scope }>;
