import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import { createDeliveryLoop, type DeliveryLoop } from "../events/deliver-loop.ts";
import { createWebhookDelivery, type WebhookSender } from "../events/deliver-webhook.ts";
import { createSeal } from "../events/seal-secret.ts";
import { systemResolve } from "../events/webhook-address.ts";
import { parseWebhookSettings } from "../events/webhook-settings.ts";
import type { OpenedDatabase } from "../store/database.ts";

export type DeliveryContext = Readonly<{
  database: OpenedDatabase;
  root: string;
  env: Environment;
}>;

/** What it takes to send to webhooks. */
export function createSender(
  { root, env }: Pick<DeliveryContext, "root" | "env">,
  effects: Effects,
): WebhookSender {
  return {
    settings: parseWebhookSettings(env),
    seal: createSeal(root, env, effects),
    resolve: systemResolve,
    clock: effects.clock,
  };
}

/** What an attempt may take beside its request: name service, database. */
const MARGIN_MS = 30_000;

/** The loop that brings events to webhooks, not started yet. */
export function createDeliveries(
  context: DeliveryContext,
  effects: Effects,
  report: (error: unknown) => void,
): DeliveryLoop {
  const { database } = context;
  const sender = createSender(context, effects);
  const { maxConcurrent, timeoutMs } = sender.settings;
  const parts = {
    database,
    targets: { webhook: createWebhookDelivery(database.kysely, sender) },
    maxConcurrent,
    leaseMs: timeoutMs + MARGIN_MS,
    report,
  };
  return createDeliveryLoop(parts, effects.clock);
}
