import { sql } from "kysely";
import type { Clock } from "../core/clock.ts";
import { uuidV7 } from "../core/ids.ts";
import type { Database } from "../store/database.ts";

/** An event on its way to one place, leased by who reads it. */
export type Delivery = Readonly<{
  id: string;
  target: string;
  webhookId: string | null;
  /** Attempts that came to an end. */
  attempts: number;
  leasedUntil: Date;
  event: Readonly<{ at: Date; kind: string; data: unknown }>;
}>;

/** How an attempt ended; `waiting` is tried again, `released` was not tried to its end. */
export type Outcome =
  | Readonly<{ state: "delivered"; status?: number }>
  | Readonly<{ state: "failed"; error: string; status?: number }>
  | Readonly<{ state: "waiting"; error: string; status?: number; afterMs: number }>
  | Readonly<{ state: "released" }>;

export type Lease = Readonly<{
  now: Date;
  until: Date;
  targets: readonly string[];
  /** Webhooks that have enough requests under way. */
  busy: readonly string[];
}>;

/** Takes the delivery that has been due for longest; of several processes, one gets it. */
export async function leaseDelivery(
  db: Database,
  { now, until, targets, busy }: Lease,
): Promise<Delivery | undefined> {
  const { rows } = await sql<LeasedRow>`
    UPDATE duetmind.delivery AS d SET leased_until = ${until}
    FROM duetmind.event AS e
    WHERE e.id = d.event_id AND d.id = (
      SELECT id FROM duetmind.delivery
      WHERE state = 'waiting' AND next_attempt_at <= ${now}
        AND (leased_until IS NULL OR leased_until <= ${now})
        AND target = ANY (${targets}::text[])
        AND (webhook_id IS NULL OR webhook_id <> ALL (${busy}::uuid[]))
      ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING d.id, d.target, d.webhook_id, d.attempts, d.leased_until, e.at, e.kind, e.data`.execute(
    db,
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    id: row.id,
    target: row.target,
    webhookId: row.webhook_id,
    attempts: row.attempts,
    leasedUntil: row.leased_until,
    event: { at: row.at, kind: row.kind, data: row.data },
  };
}

type LeasedRow = Readonly<{
  id: string;
  target: string;
  webhook_id: string | null;
  attempts: number;
  leased_until: Date;
  at: Date;
  kind: string;
  data: unknown;
}>;

/**
 * Writes how an attempt ended. That it arrived is true whoever holds the lease by now; anything else is
 * said only by the holder, since another process may be trying already.
 */
export async function finishDelivery(
  db: Database,
  { id, leasedUntil }: Delivery,
  outcome: Outcome,
  now: Date,
): Promise<void> {
  const row = db.updateTable("delivery").set({ leased_until: null }).where("id", "=", id);
  if (outcome.state === "released") {
    await row.where("leased_until", "=", leasedUntil).execute();
    return;
  }
  await row
    .set((column) => ({
      state: outcome.state,
      attempts: sql<number>`${column.ref("attempts")} + 1`,
      last_status: outcome.status ?? null,
      last_error: outcome.state === "delivered" ? null : outcome.error.slice(0, MAX_ERROR),
    }))
    .$if(outcome.state === "waiting", (update) => {
      const afterMs = outcome.state === "waiting" ? outcome.afterMs : 0;
      return update.set({ next_attempt_at: new Date(now.getTime() + afterMs) });
    })
    .where("state", "=", "waiting")
    .$if(outcome.state !== "delivered", (update) => update.where("leased_until", "=", leasedUntil))
    .execute();
}

const MAX_ERROR = 2000;

/** Whether anything may come to be delivered soon: something waits, or a webhook is subscribed. */
export async function expectsDeliveries(db: Database): Promise<boolean> {
  const { rows } = await sql<{ expected: boolean }>`
    SELECT EXISTS (SELECT FROM duetmind.webhook WHERE status = 'ACTIVE')
      OR EXISTS (SELECT FROM duetmind.delivery WHERE state = 'waiting') AS expected`.execute(db);
  return rows[0]!.expected;
}

/** Has an event brought to a place beside the webhooks that are subscribed to it. */
export async function requestDelivery(
  db: Database,
  { eventId, target }: Readonly<{ eventId: string; target: string }>,
  clock: Clock,
): Promise<void> {
  const row = { id: uuidV7(clock), event_id: eventId, target, next_attempt_at: clock.now() };
  await db.insertInto("delivery").values(row).execute();
}

/** Makes every delivery to a place due now, those that had failed too; gives their number. */
export async function retryDeliveries(db: Database, target: string, now: Date): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable("delivery")
    .set({ state: "waiting", next_attempt_at: now })
    .where("target", "=", target)
    .where("state", "<>", "delivered")
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** What is not delivered to a place, with the reason of the last attempt. */
export function openDeliveries(db: Database, target: string) {
  return db
    .selectFrom("delivery as d")
    .innerJoin("event as e", "e.id", "d.event_id")
    .select(["d.state", "d.attempts", "d.last_error", "e.data"])
    .where("d.target", "=", target)
    .where("d.state", "<>", "delivered")
    .orderBy("e.at")
    .execute();
}
