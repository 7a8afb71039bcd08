import { sql } from "kysely";
import type { Clock } from "../core/clock.ts";
import type { OpenedDatabase } from "../store/database.ts";

/** An event of the outbox, with the number that readers resume by. */
export type StreamedEvent = Readonly<{
  number: number;
  at: Date;
  topic: string;
  kind: string;
  actor: string;
  data: unknown;
}>;

export type EventStream = Readonly<{
  /** Numbers the events that have none yet and gives those behind a number, at most so many. */
  readAfter(
    number: number,
    topics: readonly string[] | undefined,
    limit: number,
  ): Promise<readonly StreamedEvent[]>;
  /** The number of the last event, and of the oldest one that is still kept. */
  bounds(): Promise<Readonly<{ oldest: number; last: number }>>;
  /** Forgets events that are older than a day and were delivered everywhere. */
  forgetOld(): Promise<number>;
}>;

const KEPT_MS = 24 * 3_600_000;
const NUMBERED_AT_ONCE = 1000;

/**
 * Gives events their numbers and reads them in that order. A number is given after the commit, by one
 * process at a time: of two transactions at once the later one could otherwise commit first, and a
 * reader who has seen its number would never see the earlier event.
 */
export function createEventStream(database: OpenedDatabase, clock: Clock): EventStream {
  const { kysely } = database;

  async function numberNew(): Promise<void> {
    const waiting = await kysely
      .selectFrom("event")
      .select("id")
      .where("number", "is", null)
      .limit(1)
      .executeTakeFirst();
    if (waiting === undefined) return;
    await database.transaction(async (db) => {
      const { last_number: last } = await db
        .selectFrom("event_counter")
        .select("last_number")
        .forUpdate()
        .executeTakeFirstOrThrow();
      const { rows } = await sql`
        UPDATE duetmind.event AS e SET number = ${last}::bigint + n.place
        FROM (SELECT id, row_number() OVER (ORDER BY at, id) AS place FROM (
                SELECT id, at FROM duetmind.event WHERE number IS NULL
                ORDER BY at, id LIMIT ${NUMBERED_AT_ONCE}) AS fresh) AS n
        WHERE e.id = n.id RETURNING e.id`.execute(db);
      await db
        .updateTable("event_counter")
        .set({ last_number: last + rows.length })
        .execute();
    });
  }

  return {
    async readAfter(number, topics, limit) {
      await numberNew();
      const rows = await kysely
        .selectFrom("event")
        .select(["number", "at", "topic", "kind", "actor", "data"])
        .where("number", ">", number)
        .$if(topics !== undefined, (query) => query.where("topic", "in", [...topics!]))
        .orderBy("number")
        .limit(limit)
        .execute();
      return rows.map((row) => ({ ...row, number: row.number! }));
    },
    async bounds() {
      await numberNew();
      const { rows } = await sql<{ oldest: number; last: number }>`
        SELECT coalesce((SELECT min(number) FROM duetmind.event), last_number + 1) AS oldest,
          last_number AS last FROM duetmind.event_counter`.execute(kysely);
      return rows[0]!;
    },
    async forgetOld() {
      const before = new Date(clock.now().getTime() - KEPT_MS);
      const { rows } = await sql`
        DELETE FROM duetmind.event AS e
        WHERE e.at < ${before}::timestamptz AND e.number IS NOT NULL AND NOT EXISTS (
          SELECT FROM duetmind.delivery AS d WHERE d.event_id = e.id AND d.state = 'waiting')
        RETURNING e.id`.execute(kysely);
      return rows.length;
    },
  };
}
