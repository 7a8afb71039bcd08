import { createHmac } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { appendEvent } from "../../src/events/append-event.ts";
import { backoffMs, createDeliveryLoop, type DeliveryLoop } from "../../src/events/deliver-loop.ts";
import { createWebhookDelivery, type WebhookSender } from "../../src/events/deliver-webhook.ts";
import { createSeal } from "../../src/events/seal-secret.ts";
import { type Resolve, systemResolve } from "../../src/events/webhook-address.ts";
import { parseWebhookSettings } from "../../src/events/webhook-settings.ts";
import { createWebhooks } from "../../src/events/webhooks.ts";
import { temporaryFolder, testDatabase } from "../support/database.ts";
import { type HeldClock, heldClock } from "../support/held-clock.ts";
import { startServer } from "../support/http-server.ts";

const database = await testDatabase();
const { kysely } = database;
const root = temporaryFolder();
const { signal } = new AbortController();
const OPEN = {
  DUETMIND_WEBHOOK_ALLOWED_SCHEMES: "https,http",
  DUETMIND_WEBHOOK_ALLOW_PRIVATE_IPS: "true",
};
const LEASE_MS = 60_000;

afterEach(async () => {
  await kysely.deleteFrom("webhook").execute();
});

type Received = Readonly<{ headers: IncomingMessage["headers"]; body: string }>;

/** A receiver that answers by its own rule, and keeps what it got. */
async function receiver(answer: (response: ServerResponse, count: number) => void) {
  const received: Received[] = [];
  const server = await startServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString("utf8") });
      answer(response, received.length);
    });
  });
  return { url: server.url, received };
}

const status =
  (...statuses: number[]) =>
  (response: ServerResponse, count: number) => {
    response.writeHead(statuses[Math.min(count, statuses.length) - 1]!);
    response.end("body");
  };

function senderOf(clock: HeldClock, resolve: Resolve = systemResolve, env = OPEN): WebhookSender {
  const settings = parseWebhookSettings(env);
  return { settings, seal: createSeal(root, {}, realEffects), resolve, clock };
}

function loopOf(sender: WebhookSender, clock: HeldClock): DeliveryLoop {
  return createDeliveryLoop(
    {
      db: kysely,
      targets: { webhook: createWebhookDelivery(kysely, sender) },
      maxConcurrent: sender.settings.maxConcurrent,
      leaseMs: LEASE_MS,
      report: (error) => {
        throw error;
      },
    },
    clock,
  );
}

/** A webhook, its events, and a loop whose time the test moves. */
async function subscribed(url: string, secret = "", env = OPEN) {
  const clock = heldClock("2026-03-01T00:00:00Z");
  const sender = senderOf(clock, systemResolve, env);
  const webhooks = createWebhooks(database, senderOf(clock), { signal });
  const events = ["model_version.created", "model_version_tag.set"];
  const webhook = await webhooks.create({ name: "hook", url, events, secret }, "tester");
  return {
    webhook,
    webhooks,
    clock,
    loop: loopOf(sender, clock),
    tell: (kind = "model_version.created", data: unknown = { name: "m", version: "1" }) =>
      database.transaction((db) =>
        appendEvent(db, { topic: "models", kind, actor: "tester", data }, clock),
      ),
    deliveries: () =>
      kysely
        .selectFrom("delivery")
        .select(["id", "event_id", "state", "attempts", "last_status", "last_error"])
        .where("webhook_id", "=", webhook.id)
        .orderBy("event_id")
        .execute(),
  };
}

test("an event reaches its webhook once, signed, with MLflow's body", async () => {
  const { url, received } = await receiver(status(200));
  const { tell, loop, deliveries } = await subscribed(url, "s3cret");
  const data = { name: "m", version: "1", tags: { ä: "€" }, description: null };
  await tell("model_version.created", data);
  await tell("registered_model.created");
  await loop.drain();
  await loop.drain();
  expect(received).toHaveLength(1);
  const [{ headers, body }] = received as [Received];
  expect(JSON.parse(body)).toEqual({
    entity: "model_version",
    action: "created",
    timestamp: "2026-03-01T00:00:00.000Z",
    data,
  });
  const [row] = await deliveries();
  expect(row).toMatchObject({ state: "delivered", attempts: 1, last_status: 200 });
  const id = headers["x-mlflow-delivery-id"];
  const time = headers["x-mlflow-timestamp"];
  expect([id, time]).toEqual([row!.id, "1772323200"]);
  const mac = createHmac("sha256", "s3cret").update(`${id}.${time}.`).update(body, "utf8");
  expect(headers["x-mlflow-signature"]).toBe(`v1,${mac.digest("base64")}`);
  expect(headers["content-type"]).toBe("application/json");
});

test("a change that is rolled back tells nobody", async () => {
  const { url, received } = await receiver(status(200));
  const { clock, loop, deliveries } = await subscribed(url);
  const event = { topic: "models", kind: "model_version.created", actor: "a", data: {} };
  const failed = database.transaction(async (db) => {
    await appendEvent(db, event, clock);
    throw new Error("rolled back");
  });
  await expect(failed).rejects.toThrow("rolled back");
  await loop.drain();
  expect([received, await deliveries()]).toEqual([[], []]);
});

test("500, then 200: tried again after a growing wait, under the same id", async () => {
  const { url, received } = await receiver(status(500, 503, 200));
  const { tell, loop, clock, deliveries } = await subscribed(url);
  await tell();
  await loop.drain();
  expect((await deliveries())[0]).toMatchObject({
    state: "waiting",
    attempts: 1,
    last_status: 500,
    last_error: "expected 2xx, got 500",
  });
  await clock.sleep(999, signal);
  await loop.drain();
  expect(received).toHaveLength(1);
  await clock.sleep(1001, signal);
  await loop.drain();
  expect(received).toHaveLength(2);
  await clock.sleep(3000, signal);
  await loop.drain();
  expect(received).toHaveLength(3);
  expect(new Set(received.map(({ headers }) => headers["x-mlflow-delivery-id"])).size).toBe(1);
  expect((await deliveries())[0]).toMatchObject({ state: "delivered", attempts: 3 });
});

test("after the retries it has failed", async () => {
  const { url, received } = await receiver(status(500));
  const { tell, loop, clock, deliveries } = await subscribed(url);
  await tell();
  for (let i = 0; i < 8; i++) {
    await loop.drain();
    await clock.sleep(60_000, signal);
  }
  expect(received).toHaveLength(4);
  expect((await deliveries())[0]).toMatchObject({ state: "failed", attempts: 4, last_status: 500 });
});

test("Retry-After is waited for, longer or shorter than our own wait", async () => {
  const { url, received } = await receiver((response, count) => {
    const after = ["120", "0"][count - 1];
    response.writeHead(after === undefined ? 204 : 429, { "retry-after": after ?? "" });
    response.end();
  });
  const { tell, loop, clock, deliveries } = await subscribed(url);
  await tell();
  await loop.drain();
  await clock.sleep(119_999, signal);
  await loop.drain();
  expect(received).toHaveLength(1);
  await clock.sleep(1, signal);
  await loop.drain();
  expect(received).toHaveLength(3);
  expect((await deliveries())[0]).toMatchObject({ state: "delivered", last_status: 204 });
});

test.each([
  ["a redirect, which is not followed", 302],
  ["a refusal", 400],
  ["a server that lacks it", 501],
])("%s ends it at once", async (_name, code) => {
  const other = await receiver(status(200));
  const { url, received } = await receiver((response) => {
    response.writeHead(code, { location: other.url });
    response.end();
  });
  const { tell, loop, clock, deliveries } = await subscribed(url);
  await tell();
  await loop.drain();
  await clock.sleep(60_000, signal);
  await loop.drain();
  expect([received.length, other.received.length]).toEqual([1, 0]);
  expect((await deliveries())[0]).toMatchObject({ state: "failed", last_status: code });
});

test.each<[string, (response: ServerResponse) => void]>([
  ["hangs", () => {}],
  ["answers without end", (response) => response.writeHead(200).write("a")],
])("a server that %s is let go after the timeout and tried again", async (_name, answer) => {
  const { url, received } = await receiver(answer);
  const { tell, loop, clock, deliveries } = await subscribed(url);
  await tell();
  const drained = loop.drain();
  await expect.poll(() => received.length).toBe(1);
  clock.ring(30_000);
  await drained;
  expect((await deliveries())[0]).toMatchObject({
    state: "waiting",
    last_error: "no answer in 30 s",
  });
});

test("a server that is not there is tried again", async () => {
  const { tell, loop, deliveries } = await subscribed("http://127.0.0.1:1");
  await tell();
  await loop.drain();
  expect((await deliveries())[0]).toMatchObject({
    state: "waiting",
    last_error: expect.stringContaining("ECONNREFUSED"),
  });
});

test("a name that answers otherwise at delivery than at subscription leads nowhere", async () => {
  const { url, received } = await receiver(status(200));
  const port = new URL(url).port;
  const clock = heldClock("2026-03-01T00:00:00Z");
  const publicly: Resolve = async () => [{ address: "8.8.8.8", family: 4 }];
  const privately: Resolve = async () => [{ address: "127.0.0.1", family: 4 }];
  const strict = { ...OPEN, DUETMIND_WEBHOOK_ALLOW_PRIVATE_IPS: "false" };
  const webhooks = createWebhooks(database, senderOf(clock, publicly, strict), { signal });
  const address = `http://rebind.example:${port}/`;
  const events = ["prompt.created"];
  const { id } = await webhooks.create({ name: "rebind", url: address, events }, "tester");
  const event = { topic: "models", kind: "prompt.created", actor: "a", data: {} };
  await database.transaction((db) => appendEvent(db, event, clock));
  await loopOf(senderOf(clock, privately, strict), clock).drain();
  const [row] = await kysely
    .selectFrom("delivery")
    .selectAll()
    .where("webhook_id", "=", id)
    .execute();
  expect(row).toMatchObject({
    state: "failed",
    last_error: expect.stringContaining("'rebind.example' resolves to 127.0.0.1."),
  });
  expect(received).toHaveLength(0);
});

test("the connection goes to the address that was checked, under the name of the URL", async () => {
  const { url, received } = await receiver(status(200));
  const port = new URL(url).port;
  const clock = heldClock("2026-03-01T00:00:00Z");
  const sender = senderOf(clock, async () => [{ address: "127.0.0.1", family: 4 }]);
  const webhooks = createWebhooks(database, sender, { signal });
  const events = ["prompt.deleted"];
  const address = `http://only-we-know.example:${port}/`;
  const { id } = await webhooks.create({ name: "named", url: address, events }, "tester");
  expect(await webhooks.test(id, undefined)).toEqual({
    success: true,
    responseStatus: 200,
    responseBody: "body",
  });
  expect(received[0]!.headers.host).toBe(`only-we-know.example:${port}`);
});

test("two processes at once deliver each event once", async () => {
  const { url, received } = await receiver(status(200));
  const { tell, loop, clock, deliveries } = await subscribed(url);
  const ids: string[] = [];
  for (let i = 0; i < 40; i++) ids.push(await tell("model_version_tag.set", { i }));
  const second = loopOf(senderOf(clock), clock);
  await Promise.all([loop.drain(), second.drain()]);
  expect(received.map(({ body }) => JSON.parse(body).data.i).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 40 }, (_, i) => i),
  );
  expect((await deliveries()).map(({ event_id }) => event_id)).toEqual(ids.sort());
});

test("a process that dies with a delivery leaves it to the next when its lease ends", async () => {
  const { url, received } = await receiver(status(200));
  const { tell, loop, clock, deliveries } = await subscribed(url);
  await tell();
  await kysely
    .updateTable("delivery")
    .set({ leased_until: new Date(clock.now().getTime() + LEASE_MS) })
    .where("id", "=", (await deliveries())[0]!.id)
    .execute();
  await clock.sleep(LEASE_MS - 1, signal);
  await loop.drain();
  expect(received).toHaveLength(0);
  await clock.sleep(1, signal);
  await loop.drain();
  expect(received).toHaveLength(1);
});

test("closing lets go of what is under way, for the next process at once", async () => {
  let isHanging = true;
  const { url, received } = await receiver((response) => {
    if (!isHanging) response.end();
  });
  const { tell, loop, clock, deliveries } = await subscribed(url);
  await tell();
  const drained = loop.drain();
  await expect.poll(() => received.length).toBe(1);
  await loop.close();
  await drained;
  expect((await deliveries())[0]).toMatchObject({ state: "waiting", attempts: 0 });
  isHanging = false;
  await loopOf(senderOf(clock), clock).drain();
  expect(received).toHaveLength(2);
});

test("one webhook that hangs does not hold up another", async () => {
  const hanging = await receiver(() => {});
  const { url, received } = await receiver(status(200));
  const slow = await subscribed(hanging.url);
  for (let i = 0; i < 20; i++) await slow.tell();
  const fast = await subscribed(url);
  await fast.tell();
  void fast.loop.drain();
  await expect.poll(() => received.length).toBe(1);
  await slow.webhooks.delete(slow.webhook.id, "tester");
  await fast.loop.close();
  await fast.webhooks.delete(fast.webhook.id, "tester");
});

test("a webhook that is disabled, deleted or unsubscribed gets nothing new", async () => {
  const { url, received } = await receiver(status(200));
  const { webhook, webhooks, tell, loop, deliveries } = await subscribed(url);
  await webhooks.update(webhook.id, { status: "DISABLED" }, "tester");
  await tell();
  await webhooks.update(webhook.id, { status: "ACTIVE", events: ["prompt.renamed"] }, "tester");
  await tell();
  await tell("prompt.renamed");
  await webhooks.update(webhook.id, { status: "DISABLED" }, "tester");
  await loop.drain();
  expect(received).toHaveLength(0);
  expect(await deliveries()).toMatchObject([
    { state: "failed", last_error: "the webhook is disabled" },
  ]);
  await webhooks.delete(webhook.id, "tester");
  expect(await deliveries()).toEqual([]);
});

test("a secret that no longer opens is tried again, and then has failed with its reason", async () => {
  const { url, received } = await receiver(status(200));
  const { webhook, tell, loop, deliveries } = await subscribed(url, "s", {
    ...OPEN,
    DUETMIND_WEBHOOK_REQUEST_MAX_RETRIES: "0",
  } as typeof OPEN);
  const foreign = await createSeal(temporaryFolder(), {}, realEffects).seal("s", webhook.id);
  await kysely
    .updateTable("webhook")
    .set({ sealed_secret: foreign })
    .where("id", "=", webhook.id)
    .execute();
  await tell();
  await loop.drain();
  expect(received).toHaveLength(0);
  expect((await deliveries())[0]).toMatchObject({
    state: "failed",
    last_error: expect.stringContaining("sealed with this server's key"),
  });
});

test("the wait doubles up to a minute, with up to a second of chance", () => {
  expect([0, 1, 2, 5, 6, 40].map((attempts) => backoffMs(attempts, 0))).toEqual([
    1000, 2000, 4000, 32_000, 60_000, 60_000,
  ]);
  expect(backoffMs(0, 0.999)).toBe(1999);
  expect(backoffMs(6, 0.999)).toBe(60_000);
});
