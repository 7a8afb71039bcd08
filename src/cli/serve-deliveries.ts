import { openObjectStore } from "../artifacts/open-object-store.ts";
import type { ArtifactsParams } from "../artifacts/params.ts";
import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import { createDeliveryLoop, type DeliveryLoop } from "../events/deliver-loop.ts";
import { createWebhookDelivery, type WebhookSender } from "../events/deliver-webhook.ts";
import { createSeal } from "../events/seal-secret.ts";
import { systemResolve } from "../events/webhook-address.ts";
import { parseWebhookSettings } from "../events/webhook-settings.ts";
import type { OpenedDatabase } from "../store/database.ts";
import { createMirrorDelivery } from "../tracking/mirror-delivery.ts";
import { isMirrored, MIRROR } from "../tracking/mirror-variables.ts";

export type DeliveryContext = Readonly<{
  database: OpenedDatabase;
  root: string;
  env: Environment;
  artifacts: ArtifactsParams;
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

/** The loop that brings events to webhooks and runs to their mirror, not started yet. */
export function createDeliveries(
  context: DeliveryContext,
  effects: Effects,
  report: (error: unknown) => void,
): DeliveryLoop {
  const { kysely: db } = context.database;
  const { root, env } = context;
  const sender = createSender(context, effects);
  const store = openObjectStore(context.artifacts, root, env, effects);
  const { maxConcurrent, timeoutMs } = sender.settings;
  const parts = {
    db,
    targets: {
      webhook: createWebhookDelivery(db, sender),
      ...(isMirrored(env) ? { [MIRROR]: createMirrorDelivery({ db, store }, env) } : {}),
    },
    maxConcurrent,
    leaseMs: timeoutMs + MARGIN_MS,
    report,
  };
  return createDeliveryLoop(parts, effects.clock);
}
