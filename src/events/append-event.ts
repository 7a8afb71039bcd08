import { type RawBuilder, sql } from "kysely";
import { canonicalJson } from "../core/canonical-json.ts";
import type { Clock } from "../core/clock.ts";
import { uuidV7 } from "../core/ids.ts";
import type { Database } from "../store/database.ts";

/** Something that happened, for streams and webhooks: `data` is the JSON of the thing it is about. */
export type NewEvent = Readonly<{
  /** Such as `runs`, `models`: what a reader of the stream asks for. */
  topic: string;
  /** Such as `model_version.created`. */
  kind: string;
  actor: string;
  data: unknown;
}>;

/**
 * Puts an event into the outbox in the caller's transaction, so that it is told exactly when the change
 * is there, with one delivery for each webhook that is subscribed to it. It gets its number afterwards.
 * A webhook is held until the end of the transaction: one that is being deleted gets no delivery.
 */
export async function appendEvent(db: Database, event: NewEvent, clock: Clock): Promise<string> {
  const id = uuidV7(clock);
  const at = clock.now();
  const { topic, kind, actor } = event;
  await sql`
    WITH happened AS (
      INSERT INTO duetmind.event (id, at, topic, kind, actor, data)
      VALUES (${id}, ${at}, ${topic}, ${kind}, ${actor}, ${canonicalJson(event.data)}) RETURNING id
    ), subscribed AS (
      SELECT id FROM duetmind.webhook
      WHERE status = 'ACTIVE' AND events ? ${kind}::text FOR KEY SHARE
    )
    INSERT INTO duetmind.delivery (id, event_id, target, webhook_id, next_attempt_at)
    SELECT gen_random_uuid(), happened.id, 'webhook', subscribed.id, ${at}
    FROM happened, subscribed`.execute(db);
  return id;
}

/**
 * An event as a part of a statement, for each row of `from`: `data` is an expression of its columns.
 * For the stream alone: webhooks are not told of what happens as often as this.
 */
export function eventInsert(
  event: Omit<NewEvent, "data">,
  data: RawBuilder<unknown>,
  from: RawBuilder<unknown>,
  clock: Clock,
): RawBuilder<unknown> {
  return sql`INSERT INTO duetmind.event (id, at, topic, kind, actor, data)
    SELECT ${uuidV7(clock)}::uuid, ${clock.now()}::timestamptz, ${event.topic}, ${event.kind},
      ${event.actor}, ${data} FROM ${from}`;
}
