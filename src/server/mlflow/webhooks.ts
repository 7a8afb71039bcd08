import type { Webhook } from "../../events/webhook-queries.ts";
import type { WebhookTest } from "../../events/webhooks.ts";
import { enumOf, int32, list, message, required, text } from "./message.ts";
import { call, type MlflowRoute } from "./route.ts";

/** MLflow's numbers; those above are of what DuetMind alone tells of. */
const entity = enumOf({
  REGISTERED_MODEL: 1,
  MODEL_VERSION: 2,
  MODEL_VERSION_TAG: 3,
  MODEL_VERSION_ALIAS: 4,
  PROMPT: 5,
  PROMPT_VERSION: 6,
  PROMPT_TAG: 7,
  PROMPT_VERSION_TAG: 8,
  PROMPT_ALIAS: 9,
  BUDGET_POLICY: 10,
});
const action = enumOf({
  CREATED: 1,
  UPDATED: 2,
  DELETED: 3,
  SET: 4,
  EXCEEDED: 5,
  RENAMED: 1001,
  STAGE_CHANGED: 1002,
});
const event = message({ entity: required(entity), action: required(action) });
const status = enumOf({ ACTIVE: 1, DISABLED: 2 });
const byId = message({ webhook_id: required(text) });

const PATH = "/mlflow/webhooks";
const ONE = `${PATH}/:webhook_id`;
const DEFAULT_MAX_RESULTS = 100;

type WireEvent = Readonly<{ entity: string; action: string }>;

/** MLflow's calls on webhooks (reference: mlflow.md, section 1). */
export const webhookRoutes: readonly MlflowRoute[] = [
  call(
    { method: "POST", path: PATH, scope: "admin" },
    message({
      name: required(text),
      url: required(text),
      events: list(event),
      description: text,
      secret: text,
      status,
    }),
    async ({ events, ...given }, { webhooks }, { actor }) =>
      reply(await webhooks.create({ ...given, events: events.map(toKind) }, actor)),
  ),
  call(
    { method: "GET", path: PATH, scope: "admin" },
    message({ max_results: int32, page_token: text }),
    async ({ max_results, page_token }, { webhooks }) => {
      const size = max_results || DEFAULT_MAX_RESULTS;
      const page = await webhooks.list(size, page_token || undefined);
      return {
        webhooks: page.rows.length === 0 ? undefined : page.rows.map(toWireWebhook),
        next_page_token: page.nextPageToken ?? undefined,
      };
    },
  ),
  call({ method: "GET", path: ONE, scope: "admin" }, byId, async ({ webhook_id }, { webhooks }) =>
    reply(await webhooks.get(webhook_id)),
  ),
  call(
    { method: "PATCH", path: ONE, scope: "admin" },
    message({
      webhook_id: required(text),
      name: text,
      url: text,
      events: list(event),
      description: text,
      secret: text,
      status,
    }),
    async ({ webhook_id, name, url, events, ...given }, { webhooks }, { actor }) => {
      const change = {
        ...given,
        name: name || undefined,
        url: url || undefined,
        events: events.length === 0 ? undefined : events.map(toKind),
      };
      return reply(await webhooks.update(webhook_id, change, actor));
    },
  ),
  call(
    { method: "DELETE", path: ONE, scope: "admin" },
    byId,
    async ({ webhook_id }, { webhooks }, { actor }) => {
      await webhooks.delete(webhook_id, actor);
      return {};
    },
  ),
  call(
    { method: "POST", path: `${ONE}/test`, scope: "admin" },
    message({
      webhook_id: required(text),
      event: { ...event, absent: () => undefined as WireEvent | undefined },
    }),
    async ({ webhook_id, event }, { webhooks }) => {
      const kind = event === undefined ? undefined : toKind(event);
      return { result: toWireTest(await webhooks.test(webhook_id, kind)) };
    },
  ),
];

function toKind({ entity, action }: WireEvent): string {
  return `${entity}.${action}`.toLowerCase();
}

function reply(webhook: Webhook): unknown {
  return { webhook: toWireWebhook(webhook) };
}

/** A webhook as MLflow's clients read it; its secret is never in it. */
function toWireWebhook(webhook: Webhook): unknown {
  return {
    webhook_id: webhook.id,
    name: webhook.name,
    description: webhook.description ?? undefined,
    url: webhook.url,
    events: webhook.events.map((kind) => {
      const [entity, action] = kind.toUpperCase().split(".");
      return { entity, action };
    }),
    status: webhook.status,
    creation_timestamp: webhook.createdAt.getTime(),
    last_updated_timestamp: webhook.updatedAt.getTime(),
  };
}

function toWireTest(result: WebhookTest): unknown {
  return {
    success: result.success,
    response_status: result.responseStatus,
    response_body: result.responseBody,
    error_message: result.errorMessage,
  };
}
