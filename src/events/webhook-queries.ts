import { sql } from "kysely";
import { type PositionText, type SortColumn, selectPosition } from "../search/keyset.ts";
import { type Page, readPage } from "../search/read-page.ts";
import type { Database } from "../store/database.ts";
import type { WebhookEvent } from "./webhook-events.ts";

export type WebhookStatus = "ACTIVE" | "DISABLED";

export type Webhook = Readonly<{
  id: string;
  name: string;
  description: string | null;
  url: string;
  events: readonly WebhookEvent[];
  status: WebhookStatus;
  createdAt: Date;
  updatedAt: Date;
}>;

/** With what only deliveries need to know. */
export type StoredWebhook = Webhook & Readonly<{ sealedSecret: string | null }>;

export async function findWebhook(db: Database, id: string): Promise<StoredWebhook | undefined> {
  const row = await db
    .selectFrom("webhook")
    .selectAll()
    .where(sql`id::text`, "=", id)
    .executeTakeFirst();
  return row === undefined ? undefined : toWebhook(row as Row);
}

/** The newest first. */
export async function listWebhooks(
  db: Database,
  { limit, token }: Readonly<{ limit: number; token: string | undefined }>,
): Promise<Page<Webhook>> {
  const request = { columns: NEWEST_FIRST, limit, token, query: "webhooks" };
  const { rows, nextPageToken } = await readPage(request, async ({ where, orderBy }, most) => {
    const found = await sql<Row & Readonly<{ position: PositionText }>>`
      SELECT w.*, ${selectPosition(NEWEST_FIRST)} AS position FROM duetmind.webhook AS w
      WHERE ${where} ORDER BY ${orderBy} LIMIT ${most}`.execute(db);
    return found.rows;
  });
  return { rows: rows.map(toWebhook), nextPageToken };
}

const isDown = { direction: "desc", mayBeNull: false, mayBeNaN: false } as const;
const NEWEST_FIRST: readonly SortColumn[] = [
  { sql: sql`w.created_at`, type: "time", ...isDown },
  { sql: sql`w.id::text`, type: "id", ...isDown },
];

type Row = Readonly<{
  id: string;
  name: string;
  description: string | null;
  url: string;
  events: readonly WebhookEvent[];
  sealed_secret: string | null;
  status: string;
  created_at: Date;
  updated_at: Date;
}>;

function toWebhook(row: Row): StoredWebhook {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    url: row.url,
    events: row.events,
    status: row.status as WebhookStatus,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    sealedSecret: row.sealed_secret,
  };
}
