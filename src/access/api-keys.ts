import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { appendAudit } from "../audit/append-audit.ts";
import type { Clock } from "../core/clock.ts";
import { DuetMindError } from "../core/errors.ts";
import { digestBytes } from "../core/hash.ts";
import { uuidV7 } from "../core/ids.ts";
import type { Database, OpenedDatabase } from "../store/database.ts";
import type { Scope } from "./scope.ts";

export type ApiKey = Readonly<{
  id: string;
  name: string;
  scope: Scope;
  /** Whose memory its caller has; null: that of params.yaml. */
  tenant: string | null;
  agent: string | null;
  createdAt: Date;
  createdBy: string;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** To the minute: a use is not worth a write. */
  lastUsedAt: Date | null;
}>;

export type NewApiKey = Readonly<{
  name: string;
  scope: Scope;
  expiresAt: Date | null;
  tenant?: string | undefined;
  agent?: string | undefined;
}>;

/** Who shows a key. */
export type KeyHolder = Readonly<{ actor: string }> & Pick<ApiKey, "scope" | "tenant" | "agent">;

/**
 * Keys that callers of the server show. A key is 256 random bits and is shown once; the database keeps
 * its SHA-256, which needs neither salt nor a slow hash because nobody can guess such a key.
 */
export type ApiKeyService = Readonly<{
  create(key: NewApiKey, actor: string): Promise<ApiKey & Readonly<{ key: string }>>;
  list(): Promise<ApiKey[]>;
  /** Ends a key, named by its id or, where only one is alive under it, by its name. */
  revoke(idOrName: string, actor: string): Promise<ApiKey>;
  /** Whose key it is; undefined for one that is unknown, revoked or expired. */
  callerOf(key: string): Promise<KeyHolder | undefined>;
  /** Whether any key is alive. */
  areConfigured(): Promise<boolean>;
}>;

const PREFIX = "dm_";
const MAX_NAME = 200;
/** How long a server may go on believing what it knows of a key: revoking takes effect in this time. */
const CACHE_MS = 2_000;
const LAST_USED_MS = 60_000;

export function createApiKeys(database: OpenedDatabase, clock: Clock): ApiKeyService {
  const { kysely } = database;
  const cache = new Map<string, Readonly<{ until: number; key: ApiKey | undefined }>>();
  let configured: Readonly<{ until: number; value: boolean }> | undefined;

  const isAlive = (key: ApiKey) =>
    key.revokedAt === null && (key.expiresAt === null || key.expiresAt > clock.now());

  function forget(): void {
    cache.clear();
    configured = undefined;
  }

  async function find(digest: string): Promise<ApiKey | undefined> {
    const now = clock.now().getTime();
    const known = cache.get(digest);
    if (known !== undefined && known.until > now) return known.key;
    if (cache.size > 10_000) cache.clear(); // somebody is guessing
    const row = await rows(kysely).where("digest", "=", digest).executeTakeFirst();
    const key = row === undefined ? undefined : toApiKey(row);
    cache.set(digest, { until: now + CACHE_MS, key });
    return key;
  }

  async function noteUse(key: ApiKey): Promise<void> {
    const now = clock.now();
    if (key.lastUsedAt !== null && now.getTime() - key.lastUsedAt.getTime() < LAST_USED_MS) return;
    await kysely
      .updateTable("api_key")
      .set({ last_used_at: now })
      .where("id", "=", key.id)
      .execute();
  }

  return {
    async create({ name, scope, expiresAt, tenant = null, agent = null }, actor) {
      for (const [what, text] of Object.entries({ name, tenant, agent })) {
        if (text === null || (text !== "" && [...text].length <= MAX_NAME && isStorable(text))) {
          continue;
        }
        throw new DuetMindError(
          "BAD_INPUT",
          `api key: expected a ${what} of 1 to ${MAX_NAME} characters`,
        );
      }
      const now = clock.now();
      if (expiresAt !== null && expiresAt <= now) {
        throw new DuetMindError("BAD_INPUT", "api key: expected an expiry in the future");
      }
      const key = `${PREFIX}${randomBytes(32).toString("base64url")}`;
      const id = uuidV7(clock);
      await database.transaction(async (db) => {
        await db
          .insertInto("api_key")
          .values({
            id,
            name,
            digest: digestBytes(key),
            ...{ scope, tenant, agent },
            created_at: now,
            created_by: actor,
            expires_at: expiresAt,
          })
          .execute();
        const object = { object_type: "api_key", object_id: id };
        const expires_at = expiresAt?.toISOString() ?? null;
        const after = { name, scope, tenant, agent, expires_at };
        await appendAudit(db, { actor, action: "api_key.create", ...object, after }, clock);
      });
      forget();
      const made = { createdAt: now, createdBy: actor, expiresAt };
      return { id, name, scope, tenant, agent, ...made, revokedAt: null, lastUsedAt: null, key };
    },
    async list() {
      return (await rows(kysely).orderBy("created_at").orderBy("id").execute()).map(toApiKey);
    },
    async revoke(idOrName, actor) {
      const revoked = await database.transaction(async (db) => {
        const found = (
          await rows(db)
            .where((row) => row.or([row(sql`id::text`, "=", idOrName), row("name", "=", idOrName)]))
            .where("revoked_at", "is", null)
            .execute()
        ).map(toApiKey);
        const [key, another] = found;
        if (key === undefined || another !== undefined) {
          const got = key === undefined ? "none" : `${found.length}`;
          throw new DuetMindError(
            key === undefined ? "NOT_FOUND" : "CONFLICT",
            `api key "${idOrName}": expected one that is alive, got ${got}`,
            { hint: "duetmind api-keys list shows their ids" },
          );
        }
        const now = clock.now();
        await db.updateTable("api_key").set({ revoked_at: now }).where("id", "=", key.id).execute();
        const object = { object_type: "api_key", object_id: key.id };
        await appendAudit(db, { actor, action: "api_key.revoke", ...object }, clock);
        return { ...key, revokedAt: now };
      });
      forget();
      return revoked;
    },
    async callerOf(given) {
      if (!given.startsWith(PREFIX)) return undefined;
      const key = await find(digestBytes(given));
      if (key === undefined || !isAlive(key)) return undefined;
      await noteUse(key);
      const { scope, tenant, agent } = key;
      return { actor: `key:${key.name}`, scope, tenant, agent };
    },
    async areConfigured() {
      const now = clock.now().getTime();
      if (configured === undefined || configured.until <= now) {
        const value = (await rows(kysely).execute()).map(toApiKey).some(isAlive);
        configured = { until: now + CACHE_MS, value };
      }
      return configured.value;
    },
  };
}

/** PostgreSQL holds whole characters, and no NUL. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

function rows(db: Database) {
  return db
    .selectFrom("api_key")
    .select(["id", "name", "scope", "tenant", "agent", "created_at", "created_by"])
    .select(["expires_at", "revoked_at", "last_used_at"]);
}

type Row = Awaited<ReturnType<ReturnType<typeof rows>["execute"]>>[number];

function toApiKey(row: Row): ApiKey {
  return {
    id: row.id,
    name: row.name,
    scope: row.scope as Scope,
    tenant: row.tenant,
    agent: row.agent,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  };
}
