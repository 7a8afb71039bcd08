import type { PostgresPool, PostgresPoolClient } from "kysely";
import pg from "pg";
import { DuetMindError } from "../core/errors.ts";
import { columnTypes } from "./column-types.ts";
import type { EmbeddedAccess } from "./embedded-access.ts";
import type { Endpoint } from "./embedded-owner.ts";
import { CLIENT_USER, EMBEDDED_DATABASE, OWNER_USER } from "./embedded-settings.ts";

/**
 * Connections to whoever owns the embedded database now. An owner that leaves dismisses its clients
 * (57P01) only between their statements, so a dismissed first statement has not run and is sent to
 * the next owner. An owner that is killed in the middle of one leaves that open: its client gets an
 * error that says so.
 */
export function createEmbeddedPool(access: EmbeddedAccess, size: number): PostgresPool {
  /** Why a connection ended, which may come between two statements. */
  const endings = new WeakMap<pg.ClientBase, unknown>();
  let pool: pg.Pool | undefined;
  let poolOf: Endpoint | undefined;

  async function checkOut(): Promise<pg.PoolClient> {
    for (;;) {
      const endpoint = await access.reach();
      if (pool === undefined || poolOf !== endpoint) {
        void pool?.end();
        pool = new pg.Pool({ ...connectionOf(endpoint, CLIENT_USER), max: size });
        pool.on("error", () => {}); // an idle connection was dismissed; the pool has dropped it
        // From the start: an end may follow the welcome before the connection is handed out.
        pool.on("connect", (client) => {
          client.on("error", (error) => {
            if (!endings.has(client)) endings.set(client, error); // the first one says why
          });
        });
        poolOf = endpoint;
      }
      try {
        return await pool.connect();
      } catch (error) {
        if (!isGone(error)) throw error;
        access.lost(endpoint);
      }
    }
  }

  return {
    async connect(): Promise<PostgresPoolClient> {
      let client = await checkOut();
      let begun = false;
      let broken = false;
      const query = async (sql: string, parameters: readonly unknown[]) => {
        for (;;) {
          try {
            const result = await client.query(sql, [...parameters]);
            begun = true;
            return result;
          } catch (error) {
            const ending = endings.get(client) ?? (isGone(error) ? error : undefined);
            if (ending === undefined) throw error;
            broken = true;
            const isUnsent = codeOf(ending) === DISMISSED || isRefusedByClient(error);
            if (begun || !isUnsent) throw toKnownError(ending);
            client.release(true);
            client = await checkOut();
            broken = false;
          }
        }
      };
      return {
        // Kysely's other form takes a cursor, which asks for a dialect with one: we have none.
        query: query as unknown as PostgresPoolClient["query"],
        release: () => client.release(broken || endings.has(client)),
      };
    },
    async end() {
      await pool?.end();
      pool = undefined;
    },
  };
}

/** One connection as the owner role, for migrations and backups. */
export async function connectOwner(endpoint: Endpoint): Promise<pg.Client> {
  const client = new pg.Client(connectionOf(endpoint, OWNER_USER));
  client.on("error", () => {}); // the statement that it breaks rejects as well
  await client.connect();
  return client;
}

function connectionOf(endpoint: Endpoint, user: string): pg.ClientConfig {
  return { ...endpoint, user, database: EMBEDDED_DATABASE, ssl: false, types: columnTypes };
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | null)?.code;
}

/** admin_shutdown: the owner left before it began what we asked for. */
const DISMISSED = "57P01";
/** idle_in_transaction_session_timeout */
const IDLE = "25P03";

const CONNECTION_ERRORS = [DISMISSED, IDLE, "ECONNREFUSED", "ENOENT", "ECONNRESET", "EPIPE"];

/** True for an error that says that the owner left, was killed, or ended the connection. */
export function isGone(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined) return CONNECTION_ERRORS.includes(code);
  const isTerminated = error instanceof Error && error.message.startsWith("Connection terminated");
  return isTerminated || isRefusedByClient(error);
}

/** The connection was known to be broken, by an end that came as it was handed out: nothing was sent. */
function isRefusedByClient(error: unknown): boolean {
  return error instanceof Error && error.message.endsWith("and is not queryable");
}

function toKnownError(error: unknown): DuetMindError {
  if (codeOf(error) === IDLE) {
    return new DuetMindError("DATABASE_UNAVAILABLE", (error as Error).message, { cause: error });
  }
  return new DuetMindError(
    "DATABASE_UNAVAILABLE",
    "database: expected the process that owns it to answer, got its end in the middle of a statement",
    { hint: "run the command again; what it had committed is kept", cause: error },
  );
}
