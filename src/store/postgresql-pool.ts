import type { PostgresPool, PostgresPoolClient } from "kysely";
import pg from "pg";
import { type ConnectionTarget, parseConnectionUrl, tlsOptions } from "../core/connection-url.ts";
import { DuetMindError } from "../core/errors.ts";
import { columnTypes } from "./column-types.ts";
import { SEARCH_PATH } from "./embedded-settings.ts";
import { KeptQuery } from "./kept-query.ts";
import type { DatabaseParams } from "./params.ts";
import { preparedName } from "./prepared.ts";
import { tlsHint } from "./tls-hint.ts";

/** A PostgreSQL server that has answered once, and how to connect to it again. */
export type PostgresqlServer = Readonly<{
  /** One connection with a session of its own, for migrations. */
  connect(): Promise<pg.Client>;
  pool(): PostgresPool;
}>;

/**
 * Finds out how the server of DATABASE_URL is reached: as the mode says, or the other way where `prefer`
 * or `allow` meet a server that refuses the first. Fails with the reason, never with the password.
 */
export async function reachPostgresql(
  url: string,
  params: DatabaseParams,
): Promise<PostgresqlServer> {
  const target = parseConnectionUrl(url);
  const config = await reachable(target, params);
  return {
    async connect() {
      // Migrations may take longer than a statement of the program should.
      const client = new pg.Client({ ...config, statement_timeout: 0 });
      client.on("error", () => {}); // the statement that it breaks rejects as well
      await client.connect().catch((error: unknown) => {
        throw unavailable(target, error);
      });
      return client;
    },
    pool() {
      // a statement need not await the one before: see travel-together.ts
      const pool = new pg.Pool({ ...config, max: params.pool_size, pipeline: true });
      pool.on("error", () => {}); // an idle connection ended; the pool has dropped it
      // One in use ended between two statements: the next one rejects.
      pool.on("connect", (client) => client.on("error", () => {}));
      return {
        async connect() {
          const client = await pool.connect().catch((error: unknown) => {
            throw unavailable(target, error);
          });
          return namingPrepared(client);
        },
        end: async () => {
          if (!pool.ending) await pool.end();
        },
      } as PostgresPool;
    },
  };
}

/** Sends a marked statement under its name: see prepared.ts. Those of one moment go out in one write. */
function namingPrepared(client: pg.PoolClient): PostgresPoolClient {
  const { stream } = client.connection;
  const query = (text: string, values: readonly unknown[]) => {
    const name = preparedName(text);
    stream.cork();
    queueMicrotask(() => stream.uncork());
    // with the promise that `pg` makes, rows outlive the collections of young objects, which take ten times as long
    return new Promise((resolve, reject) => {
      const done = (error: Error | null, result: pg.QueryResult) =>
        error ? reject(error) : resolve(result);
      if (name === undefined) void client.query(text, [...values], done);
      else client.query(new KeptQuery(name, text, [...values], done));
    });
  };
  return {
    // Kysely's other form takes a cursor, which asks for a dialect with one: we have none.
    query: query as unknown as PostgresPoolClient["query"],
    release: () => client.release(),
  };
}

function configOf(target: ConnectionTarget, params: DatabaseParams): pg.ClientConfig {
  const { host, port, user, password, database } = target;
  return {
    host,
    port,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
    ssl: tlsOptions(target),
    application_name: target.applicationName,
    connectionTimeoutMillis: target.connectTimeoutMs,
    statement_timeout: params.statement_timeout_ms,
    options: `-c search_path=${SEARCH_PATH}`,
    types: columnTypes,
  };
}

/** As libpq: `allow` asks for TLS second, `prefer` first; a refusal or a TLS that failed leads on. */
async function reachable(target: ConnectionTarget, params: DatabaseParams) {
  const config = configOf(target, params);
  const plain = { ...config, ssl: false };
  const [first, second] =
    target.sslMode === "allow" ? [plain, config] : [config, target.sslMode === "prefer" && plain];
  try {
    await probe(first);
    return first;
  } catch (error) {
    if (second === false || second.ssl === first.ssl || !leadsOn(target, error)) {
      throw unavailable(target, error);
    }
    await probe(second).catch((other: unknown) => {
      throw unavailable(target, new AggregateError([error, other]));
    });
    return second;
  }
}

async function probe(config: pg.ClientConfig): Promise<void> {
  const client = new pg.Client(config);
  client.on("error", () => {});
  try {
    await client.connect();
  } finally {
    await client.end();
  }
}

/** The server answered, and did not let this connection in. */
function leadsOn(target: ConnectionTarget, error: unknown): boolean {
  return error instanceof pg.DatabaseError || tlsHint(target, error) !== undefined;
}

/** One error for each address or way that was tried. */
function causesOf(error: unknown): unknown[] {
  return error instanceof AggregateError ? error.errors.flatMap(causesOf) : [error];
}

function unavailable(target: ConnectionTarget, error: unknown): DuetMindError {
  const causes = causesOf(error);
  const reason = causes.map((cause) => (cause instanceof Error ? cause.message : cause)).join("; ");
  return new DuetMindError(
    "DATABASE_UNAVAILABLE",
    `${target.subject}: expected a PostgreSQL server that lets us in, got: ${reason}`,
    {
      hint: tlsHint(target, causes[0]) ?? "check DATABASE_URL and that the server runs",
      cause: error,
    },
  );
}
