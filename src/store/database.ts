import { Kysely, PostgresDialect, type PostgresPool } from "kysely";
import { fromDatabaseFault } from "../core/database-fault.ts";
import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import { createEmbeddedAccess, type EmbeddedAccess } from "./embedded-access.ts";
import type { Endpoint } from "./embedded-owner.ts";
import { embeddedPaths } from "./embedded-paths.ts";
import { connectOwner, createEmbeddedPool, isGone } from "./embedded-pool.ts";
import { assertCurrent, migrateUp, migrationStatus } from "./migrate.ts";
import type { DatabaseParams } from "./params.ts";
import { reachPostgresql } from "./postgresql-pool.ts";
import { renewStatistics } from "./renew-statistics.ts";
import type { Tables } from "./tables.ts";
import { type Answers, type Journey, travelTogether } from "./travel-together.ts";

/** The metadata database, or a transaction on it: both run the same queries. */
export type Database = Kysely<Tables>;

export type OpenedDatabase = Readonly<{
  kysely: Database;
  kind: "embedded" | "postgresql";
  /** Runs a function in one transaction; inside, use only the database it is given. */
  transaction<T>(run: (db: Database) => Promise<T>): Promise<T>;
  /** The same in few round trips, for what is asked often: see travel-together.ts. */
  travelTogether<First extends Answers, T>(journey: Journey<First, T>): Promise<T>;
  /**
   * Lets SQL clients of this machine into the embedded database while this process owns it: gives the
   * port; undefined where another process owns it, or the database is a server of its own.
   */
  openDoor(port: number, password: string): Promise<number | undefined>;
  /** Makes the statistics of tables that grew new: see renew-statistics.ts. */
  renewStatistics(): Promise<void>;
  close(): Promise<void>;
}>;

export type DatabaseOptions = Readonly<{
  /** The project's folder: the embedded database lives below it. */
  root: string;
  env: Environment;
  params: DatabaseParams;
  effects: Effects;
  /** How long to wait for an embedded database that another process holds. */
  waitMs?: number;
  /** Runs before a dump takes the place of the embedded database: see restore-backup.ts. */
  beforeRestore?: () => Promise<void>;
}>;

/** Clients of the one embedded backend; more would only wait for each other. */
const EMBEDDED_POOL_SIZE = 4;
export const LOCK_WAIT_MS = 30_000;

/**
 * Opens the metadata database: PostgreSQL where DATABASE_URL says so, else the embedded one in
 * `.duetmind/db`, which is made and migrated on the way. The caller closes it.
 */
export async function openDatabase(options: DatabaseOptions): Promise<OpenedDatabase> {
  const url = options.env["DATABASE_URL"];
  return url === undefined || url === "" ? openEmbedded(options) : openPostgresql(url, options);
}

async function openEmbedded(options: DatabaseOptions): Promise<OpenedDatabase> {
  const { effects } = options;
  const access = createEmbeddedAccess(
    {
      paths: embeddedPaths(options.root, options.env),
      waitMs: options.waitMs ?? LOCK_WAIT_MS,
      prepare: (endpoint) => migrateEmbedded(endpoint, effects),
      beforeRestore: options.beforeRestore ?? (async () => {}),
    },
    effects,
  );
  await bringUpToDate(access, effects);
  const size = Math.min(options.params.pool_size, EMBEDDED_POOL_SIZE);
  return opened("embedded", createEmbeddedPool(access, size), {
    openDoor: access.openDoor,
    close: access.close,
    async renewStatistics() {
      if (!access.owns()) return;
      const connection = await connectOwner(await access.reach());
      try {
        await renewStatistics(async (statement) => (await connection.query(statement)).rows);
      } finally {
        await connection.end();
      }
    },
  });
}

/**
 * The owner may be an older DuetMind: its database is brought up to this version just the same. One
 * that leaves meanwhile has a successor, who is asked again: each migration is a transaction.
 */
async function bringUpToDate(access: EmbeddedAccess, effects: Effects): Promise<void> {
  for (;;) {
    const endpoint = await access.reach();
    if (access.owns()) return; // migrated when it became the owner
    try {
      return await migrateEmbedded(endpoint, effects);
    } catch (error) {
      if (!isGone(error)) throw error;
      access.lost(endpoint);
    }
  }
}

async function migrateEmbedded(endpoint: Endpoint, effects: Effects): Promise<void> {
  const connection = await connectOwner(endpoint);
  try {
    const { pending } = await migrationStatus(connection);
    if (pending.length > 0) await migrateUp(connection, effects.clock.now());
  } finally {
    await connection.end();
  }
}

async function openPostgresql(url: string, options: DatabaseOptions): Promise<OpenedDatabase> {
  const server = await reachPostgresql(url, options.params);
  const connection = await server.connect();
  try {
    assertCurrent(await migrationStatus(connection));
  } catch (error) {
    throw fromDatabaseFault(error) ?? error;
  } finally {
    await connection.end();
  }
  const pool = server.pool();
  return opened("postgresql", pool, {
    close: async () => {},
    openDoor: async () => undefined,
    async renewStatistics() {
      const client = await pool.connect();
      try {
        await renewStatistics(async (statement) => (await client.query(statement, [])).rows);
      } finally {
        client.release();
      }
    },
  });
}

function opened(
  kind: OpenedDatabase["kind"],
  pool: PostgresPool,
  access: Pick<OpenedDatabase, "close" | "openDoor" | "renewStatistics">,
): OpenedDatabase {
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return {
    kysely,
    kind,
    transaction: (run) => kysely.transaction().execute(run),
    travelTogether: (journey) => travelTogether(kysely, kind === "postgresql", journey),
    openDoor: (port, password) => access.openDoor(port, password),
    renewStatistics: () => access.renewStatistics(),
    async close() {
      await kysely.destroy();
      await pool.end(); // Kysely ends only a pool that it has used
      await access.close();
    },
  };
}
