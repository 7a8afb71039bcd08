import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import type { Clock } from "../core/clock.ts";
import { VERSION } from "../core/version.ts";
import { type SignedContent, signWebhook } from "./sign-webhook.ts";
import type { WebhookTarget } from "./webhook-address.ts";

export type WebhookMessage = Readonly<{
  deliveryId: string;
  body: string;
  /** Undefined for a webhook whose messages are not signed. */
  secret: string | undefined;
  timeoutMs: number;
}>;

export type WebhookAnswer = Readonly<{
  status: number;
  retryAfter: string | undefined;
  /** Its first 64 KiB. */
  body: string;
}>;

const MAX_ANSWER_BYTES = 65_536;

/**
 * Posts a message to the addresses that were checked: no proxy is used, no redirect is followed, no
 * connection is kept. The whole exchange ends within the timeout.
 */
export async function sendWebhook(
  { url, addresses }: WebhookTarget,
  { deliveryId, body, secret, timeoutMs }: WebhookMessage,
  { clock, signal }: Readonly<{ clock: Clock; signal: AbortSignal }>,
): Promise<WebhookAnswer> {
  const timestamp = String(Math.floor(clock.now().getTime() / 1000));
  const signed: SignedContent = { deliveryId, timestamp, body };
  const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
    method: "POST",
    agent: false,
    lookup: lookupAmong(addresses),
    headers: {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "user-agent": `duetmind/${VERSION}`,
      "X-MLflow-Delivery-Id": deliveryId,
      "X-MLflow-Timestamp": timestamp,
      ...(secret === undefined ? {} : { "X-MLflow-Signature": signWebhook(secret, signed) }),
    },
  });
  let answer: IncomingMessage | undefined;
  const stop = (why: string) => (answer ?? request).destroy(new Error(why));
  const onAbort = () => stop("the server was asked to stop");
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  const endAlarm = clock.after(timeoutMs, () => stop(`no answer in ${timeoutMs / 1000} s`));
  try {
    return await new Promise<WebhookAnswer>((resolve, reject) => {
      request.on("error", reject);
      request.once("response", (response) => {
        answer = response;
        readAnswer(response).then(resolve, reject);
      });
      request.end(body);
    });
  } finally {
    endAlarm();
    signal.removeEventListener("abort", onAbort);
    request.destroy();
  }
}

async function readAnswer(response: IncomingMessage): Promise<WebhookAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_ANSWER_BYTES) break; // leaving the loop ends the connection
  }
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers["retry-after"],
    body: Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString("utf8"),
  };
}

/** Answers every question of the socket with the addresses that were checked. */
function lookupAmong(addresses: WebhookTarget["addresses"]): LookupFunction {
  return (_hostname, { all }, answer) => {
    if (all === true) answer(null, [...addresses]);
    else answer(null, addresses[0]!.address, addresses[0]!.family);
  };
}
