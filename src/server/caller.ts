/** What a caller may do; each includes the ones before it. */
export const SCOPES = ["read", "write", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** Who sent a request. */
export type Caller = Readonly<{ actor: string; scope: Scope }>;

export function includesScope(granted: Scope, wanted: Scope): boolean {
  return SCOPES.indexOf(granted) >= SCOPES.indexOf(wanted);
}
