import type { ApiKey } from "./api-keys.ts";

/** A key as commands print it and the API gives it: nothing of it is secret. */
export function toApiKeyJson(key: ApiKey) {
  return {
    id: key.id,
    name: key.name,
    scope: key.scope,
    tenant: key.tenant,
    agent: key.agent,
    created_at: key.createdAt.toISOString(),
    created_by: key.createdBy,
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
  };
}
