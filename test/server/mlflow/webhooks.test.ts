import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { startServer } from "../../support/http-server.ts";
import { testServer } from "../../support/server.ts";

const env = {
  MLFLOW_WEBHOOK_ALLOWED_SCHEMES: "https,http",
  MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: "true",
};
const { mlflow, send, database } = await testServer({}, { env });

type WireWebhook = Readonly<Record<string, unknown> & { webhook_id: string }>;

const created = { entity: "MODEL_VERSION", action: "CREATED" };
const given = { name: "hook", url: "http://127.0.0.1:9/x", events: [created] };

async function create(fields: Readonly<Record<string, unknown>> = {}): Promise<WireWebhook> {
  const made = await mlflow("POST", "webhooks", { ...given, ...fields });
  expect(made.text).toContain("webhook_id");
  return made.json<{ webhook: WireWebhook }>().webhook;
}

test("a webhook is made, read, changed and deleted; its secret is never in a reply", async () => {
  const webhook = await create({ description: "tells", secret: "s3cret" });
  expect(webhook).toEqual({
    webhook_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    name: "hook",
    description: "tells",
    url: "http://127.0.0.1:9/x",
    events: [created],
    status: "ACTIVE",
    creation_timestamp: expect.any(Number),
    last_updated_timestamp: webhook["creation_timestamp"],
  });
  const path = `webhooks/${webhook.webhook_id}`;
  expect((await mlflow("GET", path)).json()).toEqual({ webhook });
  const events = [
    { entity: "MODEL_VERSION", action: "STAGE_CHANGED" },
    { entity: "PROMPT", action: "CREATED" },
    { entity: "PROMPT_TAG", action: "DELETED" },
  ];
  const change = { name: "hook.2", events, status: "DISABLED", description: "" };
  const changed = (await mlflow("PATCH", path, change)).json<{ webhook: WireWebhook }>().webhook;
  expect(changed).toMatchObject({
    name: "hook.2",
    events,
    status: "DISABLED",
    url: webhook["url"],
  });
  expect(changed).not.toHaveProperty("description");
  const row = () =>
    database.kysely
      .selectFrom("webhook")
      .select("sealed_secret")
      .where("id", "=", webhook.webhook_id)
      .executeTakeFirst();
  expect((await row())?.sealed_secret).toMatch(/^v1\.[A-Za-z0-9_-]{40,}$/);
  await mlflow("PATCH", path, { secret: "" });
  expect(await row()).toEqual({ sealed_secret: null });
  expect((await mlflow("DELETE", path)).json()).toEqual({});
  for (const method of ["GET", "PATCH", "DELETE"] as const) {
    const gone = await mlflow(method, path);
    expect([gone.status, gone.json()["error_code"], gone.json()["message"]]).toEqual([
      404,
      "RESOURCE_DOES_NOT_EXIST",
      `Webhook with ID ${webhook.webhook_id} not found.`,
    ]);
  }
  const audit = await database.kysely
    .selectFrom("audit_event")
    .selectAll()
    .where("object_id", "=", webhook.webhook_id)
    .orderBy("at")
    .execute();
  expect(audit.map(({ action }) => action)).toEqual([
    "webhook.create",
    "webhook.update",
    "webhook.update",
    "webhook.delete",
  ]);
  expect(JSON.stringify(audit)).not.toMatch(/s3cret|127\.0\.0\.1:9\/x/);
});

test("the list has the newest first, page by page, under both prefixes", async () => {
  await database.kysely.deleteFrom("webhook").execute();
  expect((await mlflow("GET", "webhooks")).json()).toEqual({});
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.unshift((await create({ name: "same" })).webhook_id);
  const seen: string[] = [];
  let token: string | undefined;
  do {
    const fields = { max_results: 2, ...(token === undefined ? {} : { page_token: token }) };
    const page = (await mlflow("GET", "webhooks", fields)).json<{
      webhooks: WireWebhook[];
      next_page_token?: string;
    }>();
    expect(page.webhooks.length).toBeLessThanOrEqual(2);
    seen.push(...page.webhooks.map(({ webhook_id }) => webhook_id));
    token = page.next_page_token;
  } while (token !== undefined);
  expect(seen).toEqual(ids);
  const ajax = await send("GET", "/ajax-api/2.0/mlflow/webhooks?max_results=1000");
  expect(ajax.json<{ webhooks: unknown[] }>().webhooks).toHaveLength(5);
});

test.each([
  [{ name: "" }, "Missing value for required parameter 'name'"],
  [{ name: "x".repeat(64) }, "Webhook name"],
  [{ name: "-x" }, "Webhook name '-x' is invalid"],
  [{ name: "x\n" }, "Webhook name"],
  [{ name: "a b" }, "Webhook name 'a b' is invalid"],
  [{ url: "" }, "Missing value for required parameter 'url'"],
  [{ url: "ftp://x/" }, "Invalid webhook URL scheme: 'ftp'"],
  [{ url: `http://127.0.0.1/${"x".repeat(2048)}` }, "at most 2048 characters"],
  [{ events: [] }, "Webhook events cannot be empty"],
  [{ events: "MODEL_VERSION" }, "Invalid value \"MODEL_VERSION\" for parameter 'events'"],
  [{ events: [{ entity: "model_version", action: "CREATED" }] }, "parameter 'events[0].entity'"],
  [{ events: [{ entity: "MODEL_VERSION" }] }, "required parameter 'events[0].action'"],
  [
    { events: [{ entity: "MODEL_VERSION", action: "SET" }] },
    "Invalid action 'set' for entity 'model_version'. Valid actions are: created, deleted, stage_changed",
  ],
  [
    { events: [{ entity: "BUDGET_POLICY", action: "EXCEEDED" }] },
    "Invalid action 'exceeded' for entity 'budget_policy'. Valid actions are: none",
  ],
  [{ status: "PAUSED" }, "parameter 'status'"],
  [{ secret: "a\0b" }, "parameter 'secret'"],
])("create with %j is 400: %s", async (fields, phrase) => {
  const reply = await mlflow("POST", "webhooks", { ...given, ...fields });
  expect([reply.status, reply.json()["error_code"]]).toEqual([400, "INVALID_PARAMETER_VALUE"]);
  expect(reply.json()["message"]).toContain(phrase);
});

test("a name of 63 characters, and one of one, are names", async () => {
  for (const name of ["x".repeat(63), "7"]) expect((await create({ name }))["name"]).toBe(name);
});

test.each([
  [{ max_results: 1001 }, "max_results must be between 1 and 1000."],
  [{ max_results: -1 }, "max_results must be between 1 and 1000."],
  [{ page_token: "nonsense" }, "Invalid page token"],
])("list with %j is 400: %s", async (fields, phrase) => {
  const reply = await mlflow("GET", "webhooks", fields);
  expect(reply.status).toBe(400);
  expect(reply.json()["message"]).toContain(phrase);
});

test("by default only https to public addresses is taken", async () => {
  const strict = await testServer();
  for (const [url, phrase] of [
    ["http://8.8.8.8/", "Allowed schemes are: https."],
    ["https://127.0.0.1/", "must not resolve to a non-public IP address"],
    ["https://169.254.169.254/latest", "must not resolve to a non-public IP address"],
  ] as const) {
    const reply = await strict.mlflow("POST", "webhooks", { ...given, url });
    expect(reply.status).toBe(400);
    expect(reply.json()["message"]).toContain(phrase);
  }
  expect(
    (await strict.mlflow("POST", "webhooks", { ...given, url: "https://8.8.8.8/" })).status,
  ).toBe(200);
});

test("a test sends an example of its first event, or of the one that is named, signed", async () => {
  const bodies: string[] = [];
  const { url, requests } = await startServer((request, response) => {
    request.on("data", (chunk: Buffer) => bodies.push(chunk.toString("utf8")));
    request.on("end", () => {
      response.statusCode = bodies.length === 2 ? 500 : 200;
      response.end("thanks");
    });
  });
  const { webhook_id } = await create({ url, secret: "s3cret" });
  const first = await mlflow("POST", `webhooks/${webhook_id}/test`);
  expect(first.json()).toEqual({
    result: { success: true, response_status: 200, response_body: "thanks" },
  });
  const event = { entity: "MODEL_VERSION_ALIAS", action: "CREATED" };
  const second = await mlflow("POST", `webhooks/${webhook_id}/test`, { event });
  expect(second.json()).toEqual({
    result: { success: false, response_status: 500, response_body: "thanks" },
  });
  expect(bodies.map((body) => JSON.parse(body))).toMatchObject([
    { entity: "model_version", action: "created", data: { version: "1" } },
    {
      entity: "model_version_alias",
      action: "created",
      data: { name: "example_model", alias: "example_alias", version: "1" },
    },
  ]);
  const { headers } = requests[1]!;
  const content = `${headers["x-mlflow-delivery-id"]}.${headers["x-mlflow-timestamp"]}.${bodies[1]}`;
  const mac = createHmac("sha256", "s3cret").update(content).digest("base64");
  expect(headers["x-mlflow-signature"]).toBe(`v1,${mac}`);
  const { webhook_id: absent } = await create({ url: "http://127.0.0.1:1/" });
  const failed = await mlflow("POST", `webhooks/${absent}/test`);
  expect(failed.json()["result"]).toMatchObject({
    success: false,
    error_message: expect.stringContaining("ECONNREFUSED"),
  });
});
