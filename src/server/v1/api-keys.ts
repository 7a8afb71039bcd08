import { z } from "zod";
import { toApiKeyJson } from "../../access/api-key-json.ts";
import { SCOPES } from "../../access/scope.ts";
import { api } from "./route.ts";

const apiKey = z.object({
  id: z.string(),
  name: z.string(),
  scope: z.enum(SCOPES),
  tenant: z.string().nullable(),
  agent: z.string().nullable(),
  created_at: z.string(),
  created_by: z.string(),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
});

/** The keys that callers show. */
export const apiKeyRoutes = [
  api({
    method: "GET",
    path: "/api-keys",
    permission: "api-keys:admin",
    summary: "Every key, without what is secret of it",
    reply: z.object({ items: z.array(apiKey), next_page_token: z.null() }),
    async handle(_request, { apiKeys }) {
      return { items: (await apiKeys.list()).map(toApiKeyJson), next_page_token: null };
    },
  }),
  api({
    method: "POST",
    path: "/api-keys",
    permission: "api-keys:admin",
    summary: "Make a key; its text is in this reply only",
    status: 201,
    body: z.strictObject({
      name: z.string().min(1).max(200),
      scope: z.enum(SCOPES),
      expires_at: z.iso.datetime().nullable().default(null),
      tenant: z.string().min(1).max(200).optional().describe("whose memory its caller has"),
      agent: z.string().min(1).max(200).optional(),
    }),
    reply: apiKey.extend({ key: z.string() }),
    async handle({ body, caller }, { apiKeys }) {
      const expiresAt = body.expires_at === null ? null : new Date(body.expires_at);
      const { name, scope, tenant, agent } = body;
      const made = await apiKeys.create({ name, scope, expiresAt, tenant, agent }, caller.actor);
      return { ...toApiKeyJson(made), key: made.key };
    },
  }),
  api({
    method: "DELETE",
    path: "/api-keys/{id}",
    permission: "api-keys:admin",
    summary: "End a key",
    params: z.object({ id: z.uuid() }),
    reply: apiKey,
    handle: async ({ params, caller }, { apiKeys }) =>
      toApiKeyJson(await apiKeys.revoke(params.id, caller.actor)),
  }),
];
