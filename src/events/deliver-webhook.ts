import type { Clock } from "../core/clock.ts";
import { DuetMindError } from "../core/errors.ts";
import { parseRetryAfter } from "../core/retry-after.ts";
import type { Database } from "../store/database.ts";
import { backoffMs, type Deliver } from "./deliver-loop.ts";
import type { Delivery, Outcome } from "./delivery-queries.ts";
import type { Seal } from "./seal-secret.ts";
import { sendWebhook, type WebhookAnswer } from "./send-webhook.ts";
import { type Resolve, resolveWebhook } from "./webhook-address.ts";
import { partsOf } from "./webhook-events.ts";
import type { WebhookSettings } from "./webhook-settings.ts";

export type WebhookSender = Readonly<{
  settings: WebhookSettings;
  seal: Seal;
  resolve: Resolve;
  clock: Clock;
}>;

export type Recipient = Readonly<{ id: string; url: string; sealedSecret: string | null }>;

type Sent = Readonly<{ id: string; event: Delivery["event"] }>;

/** Sends an event to a webhook, once. */
export async function postEvent(
  webhook: Recipient,
  { id, event }: Sent,
  { settings, seal, resolve, clock }: WebhookSender,
  signal: AbortSignal,
): Promise<WebhookAnswer> {
  const target = await resolveWebhook(webhook.url, settings, resolve);
  const sealed = webhook.sealedSecret;
  const secret = sealed === null ? undefined : await seal.unseal(sealed, webhook.id);
  const { entity, action } = partsOf(event.kind);
  const timestamp = event.at.toISOString();
  const body = JSON.stringify({ entity, action, timestamp, data: event.data });
  const message = { deliveryId: id, body, secret, timeoutMs: settings.timeoutMs };
  return sendWebhook(target, message, { clock, signal });
}

/** How events get to webhooks: tried again when the other side is busy or away, as often as set. */
export function createWebhookDelivery(db: Database, sender: WebhookSender): Deliver {
  const { settings, clock } = sender;

  function again(
    { attempts }: Delivery,
    error: string,
    status?: number,
    afterMs?: number,
  ): Outcome {
    const said = { error, ...(status === undefined ? {} : { status }) };
    if (attempts >= settings.maxRetries) return { state: "failed", ...said };
    return { state: "waiting", ...said, afterMs: afterMs ?? backoffMs(attempts) };
  }

  function judge(delivery: Delivery, { status, retryAfter }: WebhookAnswer): Outcome {
    if (status >= 200 && status < 300) return { state: "delivered", status };
    const error = `expected 2xx, got ${status}`;
    if (!PASSING.has(status)) return { state: "failed", status, error };
    const asked = parseRetryAfter(retryAfter, clock.now());
    const afterMs = asked === undefined ? undefined : Math.min(asked, MAX_RETRY_AFTER_MS);
    return again(delivery, error, status, afterMs);
  }

  return async (delivery, signal) => {
    const webhook = await db
      .selectFrom("webhook")
      .select(["id", "url", "sealed_secret as sealedSecret", "status"])
      .where("id", "=", delivery.webhookId)
      .executeTakeFirst();
    if (webhook?.status !== "ACTIVE") return { state: "failed", error: "the webhook is disabled" };
    try {
      return judge(delivery, await postEvent(webhook, delivery, sender, signal));
    } catch (error) {
      if (signal.aborted) return { state: "released" };
      const message = (error as Error).message;
      const isRefused = error instanceof DuetMindError && error.code === "BAD_INPUT";
      return isRefused ? { state: "failed", error: message } : again(delivery, message);
    }
  };
}

/** Statuses that say that it may work later. */
const PASSING: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
const MAX_RETRY_AFTER_MS = 24 * 3_600_000;
