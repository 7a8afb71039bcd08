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
 * is there. It gets its number afterwards.
 */
export async function appendEvent(db: Database, event: NewEvent, clock: Clock): Promise<string> {
  const id = uuidV7(clock);
  const { topic, kind, actor } = event;
  await db
    .insertInto("event")
    .values({ id, at: clock.now(), topic, kind, actor, data: canonicalJson(event.data) })
    .execute();
  return id;
}
