import { sql } from "kysely";
import type { Clock } from "../core/clock.ts";
import { DuetMindError } from "../core/errors.ts";
import { type Digest, digestJson } from "../core/hash.ts";
import type { OpenedDatabase } from "../store/database.ts";

export type KeptReply = Readonly<{ status: number; body: string }>;

/** A request that carries an Idempotency-Key. */
export type KeyedRequest = Readonly<{ actor: string; key: string; request: unknown }>;

/**
 * Gives the first reply again to a request that is repeated with its key. A key belongs to its actor
 * and lives for a day; the same key with another request is a conflict.
 */
export type IdempotentReplies = Readonly<{
  once(keyed: KeyedRequest, answer: () => Promise<KeptReply>): Promise<KeptReply>;
  /** Forgets replies that are older than a day. */
  forgetOld(): Promise<number>;
}>;

const KEPT_MS = 24 * 3_600_000;
/** A request that was never answered, because its server died, may be tried again after this time. */
const ABANDONED_MS = 120_000;
const MAX_KEY = 255;

export function createIdempotentReplies(database: OpenedDatabase, clock: Clock): IdempotentReplies {
  const { kysely } = database;

  /** Takes the key, or tells what is known of it. */
  async function claim({ actor, key }: KeyedRequest, digest: Digest) {
    const now = clock.now();
    const forgotten = new Date(now.getTime() - KEPT_MS);
    const abandoned = new Date(now.getTime() - ABANDONED_MS);
    const { rows } = await sql`
      INSERT INTO duetmind.idempotent_reply AS known (actor, key, request_digest, created_at)
      VALUES (${actor}, ${key}, ${digest}, ${now}::timestamptz)
      ON CONFLICT (actor, key) DO UPDATE SET request_digest = excluded.request_digest,
        status = NULL, body = NULL, created_at = excluded.created_at
      WHERE known.created_at < ${forgotten}::timestamptz
        OR (known.status IS NULL AND known.created_at < ${abandoned}::timestamptz)
      RETURNING key`.execute(kysely);
    if (rows.length > 0) return undefined;
    return kysely
      .selectFrom("idempotent_reply")
      .select(["request_digest", "status", "body"])
      .where("actor", "=", actor)
      .where("key", "=", key)
      .executeTakeFirst();
  }

  return {
    async once(keyed, answer) {
      const { actor, key } = keyed;
      if (key === "" || key.length > MAX_KEY || key.includes("\0")) {
        throw new DuetMindError(
          "BAD_INPUT",
          `Idempotency-Key: expected 1 to ${MAX_KEY} characters`,
        );
      }
      const digest = digestJson(keyed.request);
      const known = await claim(keyed, digest);
      if (known !== undefined) return toReply(known, digest);
      try {
        const reply = await answer();
        await kysely
          .updateTable("idempotent_reply")
          .set({ status: reply.status, body: reply.body })
          .where("actor", "=", actor)
          .where("key", "=", key)
          .execute();
        return reply;
      } catch (error) {
        // nothing was done, so the same key may try again
        await kysely
          .deleteFrom("idempotent_reply")
          .where("actor", "=", actor)
          .where("key", "=", key)
          .execute();
        throw error;
      }
    },
    async forgetOld() {
      const before = new Date(clock.now().getTime() - KEPT_MS);
      const { numDeletedRows } = await kysely
        .deleteFrom("idempotent_reply")
        .where("created_at", "<", before)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

function toReply(
  known: Readonly<{ request_digest: string; status: number | null; body: string | null }>,
  digest: Digest,
): KeptReply {
  if (known.request_digest !== digest) {
    throw new DuetMindError(
      "CONFLICT",
      "Idempotency-Key: expected the request it was first sent with, got another",
      { hint: "take a new key for a new request" },
    );
  }
  if (known.status === null) {
    throw new DuetMindError(
      "CONFLICT",
      "Idempotency-Key: expected its first request to be answered, got one that is under way",
      { hint: "wait, then send the request again" },
    );
  }
  return { status: known.status, body: known.body ?? "" };
}
