import { sql } from "kysely";
import { canonicalJson } from "../core/canonical-json.ts";
import type { Clock } from "../core/clock.ts";
import { DuetMindError } from "../core/errors.ts";
import { type Digest, digestJson } from "../core/hash.ts";
import type { OpenedDatabase } from "../store/database.ts";
import type { Seal } from "./seal-secret.ts";

export type KeptReply = Readonly<{
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}>;

/** A request that carries an Idempotency-Key. */
export type KeyedRequest = Readonly<{ actor: string; key: string; request: unknown }>;

/**
 * Gives the first reply again to a request that is repeated with its key. A key belongs to its actor
 * and lives for a day; the same key with another request is a conflict. Replies are kept sealed: one
 * may hold what is shown once, such as an API key.
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

export function createIdempotentReplies(
  database: OpenedDatabase,
  seal: Seal,
  clock: Clock,
): IdempotentReplies {
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
        status = NULL, headers = NULL, body = NULL, created_at = excluded.created_at
      WHERE known.created_at < ${forgotten}::timestamptz
        OR (known.status IS NULL AND known.created_at < ${abandoned}::timestamptz)
      RETURNING key`.execute(kysely);
    if (rows.length > 0) return undefined;
    return kysely
      .selectFrom("idempotent_reply")
      .select(["request_digest", "status", "headers", "body"])
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
      const context = `idempotent reply ${actor} ${key}`;
      if (known !== undefined) return toReply(known, digest, seal, context);
      try {
        const reply = await answer();
        const { status, headers } = reply;
        const body = await seal.seal(reply.body, context);
        await kysely
          .updateTable("idempotent_reply")
          .set({ status, headers: canonicalJson(headers), body })
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

type Known = Readonly<{
  request_digest: string;
  status: number | null;
  headers: unknown;
  body: string | null;
}>;

async function toReply(
  known: Known,
  digest: Digest,
  seal: Seal,
  context: string,
): Promise<KeptReply> {
  if (known.request_digest !== digest) {
    throw new DuetMindError(
      "CONFLICT",
      "Idempotency-Key: expected the request it was first sent with, got another",
      { hint: "take a new key for a new request" },
    );
  }
  if (known.status === null || known.body === null) {
    throw new DuetMindError(
      "CONFLICT",
      "Idempotency-Key: expected its first request to be answered, got one that is under way",
      { hint: "wait, then send the request again" },
    );
  }
  const headers = known.headers as KeptReply["headers"];
  return { status: known.status, headers, body: await seal.unseal(known.body, context) };
}
