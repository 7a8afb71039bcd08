import { appendAudit } from "../audit/append-audit.ts";
import { DuetMindError } from "../core/errors.ts";
import { uuidV7 } from "../core/ids.ts";
import type { Page } from "../search/read-page.ts";
import type { Database, OpenedDatabase } from "../store/database.ts";
import { postEvent, type WebhookSender } from "./deliver-webhook.ts";
import { resolveWebhook } from "./webhook-address.ts";
import { isWebhookEvent, WEBHOOK_EVENTS, type WebhookEvent } from "./webhook-events.ts";
import {
  findWebhook,
  listWebhooks,
  type StoredWebhook,
  type Webhook,
  type WebhookStatus,
} from "./webhook-queries.ts";

export type NewWebhook = Readonly<{
  name: string;
  url: string;
  /** Such as `model_version.created`; at least one. */
  events: readonly string[];
  description?: string | undefined;
  /** Key of the signatures; kept sealed and never given back. */
  secret?: string | undefined;
  status?: WebhookStatus | undefined;
}>;

/** What is left out stays; an empty secret takes it away. */
export type WebhookChange = Readonly<{ [K in keyof NewWebhook]?: NewWebhook[K] | undefined }>;

export type WebhookTest = Readonly<{
  success: boolean;
  responseStatus?: number;
  responseBody?: string;
  errorMessage?: string;
}>;

/** Webhooks with MLflow's rules (reference: mlflow.md, section 1). */
export type WebhookService = Readonly<{
  create(webhook: NewWebhook, actor: string): Promise<Webhook>;
  list(maxResults: number, pageToken: string | undefined): Promise<Page<Webhook>>;
  get(id: string): Promise<Webhook>;
  update(id: string, change: WebhookChange, actor: string): Promise<Webhook>;
  /** What still waits to be delivered to it goes with it. */
  delete(id: string, actor: string): Promise<void>;
  /** Sends an example of an event, of its first one unless named, once. */
  test(id: string, event: string | undefined): Promise<WebhookTest>;
}>;

export const MAX_WEBHOOKS = 1000;

export function createWebhooks(
  database: OpenedDatabase,
  sender: WebhookSender,
  { signal }: Readonly<{ signal: AbortSignal }>,
): WebhookService {
  const { kysely } = database;
  const { clock, seal, settings, resolve } = sender;

  async function audit(db: Database, action: string, webhook: Webhook, actor: string) {
    const { id, name, url, events, status } = webhook;
    const object = { object_type: "webhook", object_id: id };
    // the path of the address may be its secret
    const after = { name, host: new URL(url).host, events, status };
    await appendAudit(db, { actor, action: `webhook.${action}`, ...object, after }, clock);
  }

  async function find(id: string, db: Database = kysely): Promise<StoredWebhook> {
    const webhook = await findWebhook(db, id);
    if (webhook === undefined) {
      throw new DuetMindError("NOT_FOUND", `Webhook with ID ${id} not found.`);
    }
    return webhook;
  }

  async function assertUrl(url: string): Promise<void> {
    try {
      await resolveWebhook(url, settings, resolve);
    } catch (error) {
      // what may be a passing fault later on is a wrong address now
      if (!(error instanceof DuetMindError)) throw error;
      throw new DuetMindError("BAD_INPUT", error.message, { ...error.details, cause: error });
    }
  }

  const sealed = async (secret: string, id: string) =>
    secret === "" ? null : seal.seal(secret, id);

  return {
    async create({ name, url, events, description, secret = "", status = "ACTIVE" }, actor) {
      assertName(name);
      await assertUrl(url);
      const kinds = parseEvents(events);
      const id = uuidV7(clock);
      const at = clock.now();
      const row = {
        id,
        name,
        url,
        events: JSON.stringify(kinds),
        description: description || null,
        sealed_secret: await sealed(secret, id),
        status,
        created_at: at,
        updated_at: at,
      };
      return database.transaction(async (db) => {
        await db.insertInto("webhook").values(row).execute();
        const made = await find(id, db);
        await audit(db, "create", made, actor);
        return made;
      });
    },
    list(maxResults, pageToken) {
      if (!Number.isInteger(maxResults) || maxResults < 1 || maxResults > MAX_WEBHOOKS) {
        const expected = `max_results must be between 1 and ${MAX_WEBHOOKS}.`;
        throw new DuetMindError("BAD_INPUT", expected);
      }
      return listWebhooks(kysely, { limit: maxResults, token: pageToken });
    },
    get: (id) => find(id),
    async update(id, { name, url, events, description, secret, status }, actor) {
      await find(id);
      if (name !== undefined) assertName(name);
      if (url !== undefined) await assertUrl(url);
      const kinds = events === undefined ? undefined : parseEvents(events);
      const change = {
        ...(name === undefined ? {} : { name }),
        ...(url === undefined ? {} : { url }),
        ...(kinds === undefined ? {} : { events: JSON.stringify(kinds) }),
        ...(description === undefined ? {} : { description: description || null }),
        ...(secret === undefined ? {} : { sealed_secret: await sealed(secret, id) }),
        ...(status === undefined ? {} : { status }),
        updated_at: clock.now(),
      };
      return database.transaction(async (db) => {
        await db.updateTable("webhook").set(change).where("id", "=", id).execute();
        const changed = await find(id, db);
        await audit(db, "update", changed, actor);
        return changed;
      });
    },
    async delete(id, actor) {
      await database.transaction(async (db) => {
        const webhook = await find(id, db);
        await db.deleteFrom("webhook").where("id", "=", webhook.id).execute();
        await audit(db, "delete", webhook, actor);
      });
    },
    async test(id, event) {
      const webhook = await find(id);
      const [kind] = event === undefined ? webhook.events : parseEvents([event]);
      const example = { at: clock.now(), kind: kind!, data: WEBHOOK_EVENTS[kind!] };
      try {
        const sent = { id: uuidV7(clock), event: example };
        const { status, body } = await postEvent(webhook, sent, sender, signal);
        const success = status >= 200 && status < 300;
        return { success, responseStatus: status, responseBody: body };
      } catch (error) {
        const errorMessage = `Failed to test webhook: ${(error as Error).message}`;
        return { success: false, errorMessage };
      }
    },
  };
}

function assertName(name: string): void {
  if (/^(?=.{1,63}$)[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i.test(name)) return;
  throw new DuetMindError(
    "BAD_INPUT",
    `Webhook name '${name}' is invalid. It must start and end with a letter or digit, be at most 63 characters long, and contain only letters, digits, dots (.), underscores (_), and hyphens (-).`,
  );
}

function parseEvents(events: readonly string[]): readonly WebhookEvent[] {
  if (events.length === 0) throw new DuetMindError("BAD_INPUT", "Webhook events cannot be empty");
  return [...new Set(events)].map((kind) => {
    if (isWebhookEvent(kind)) return kind;
    const [entity = "", action = ""] = kind.split(".");
    const valid = Object.keys(WEBHOOK_EVENTS).flatMap((known) =>
      known.startsWith(`${entity}.`) ? [known.slice(entity.length + 1)] : [],
    );
    throw new DuetMindError(
      "BAD_INPUT",
      `Invalid action '${action}' for entity '${entity}'. Valid actions are: ${valid.sort().join(", ") || "none"}`,
    );
  });
}
