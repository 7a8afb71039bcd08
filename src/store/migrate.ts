import { setTimeout as delay } from "node:timers/promises";
import { DuetMindError } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import { type Migration, readMigrations } from "./migration-files.ts";
import { type AppliedMigration, type MigrationStatus, planMigrations } from "./migration-plan.ts";

/** One connection that keeps its session, as `pg.Client` does. */
export type MigrationConnection = Readonly<{
  query(sql: string, parameters?: unknown[]): Promise<{ rows: unknown[] }>;
}>;

export type MigrationStep = Readonly<{ number: number; name: string }>;

const LEDGER = "duetmind.schema_migration";
/** Any number that is ours: one runner at a time on a shared server. */
const ADVISORY_LOCK = 7_402_618_833_402_119;

const RETRY_MS = 100;
const LONGEST_MIGRATION_MS = 30 * 60_000;

const CREATE_LEDGER = `
CREATE SCHEMA IF NOT EXISTS duetmind;
CREATE TABLE IF NOT EXISTS ${LEDGER} (
  number integer PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL,
  duetmind text NOT NULL
);
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'duetmind_client') THEN
    GRANT USAGE ON SCHEMA duetmind TO duetmind_client;
    GRANT SELECT ON ${LEDGER} TO duetmind_client;
  END IF;
END $$`;

/** What is applied and pending. Changes nothing, so that a plain client may ask. */
export async function migrationStatus(
  connection: MigrationConnection,
  migrations: readonly Migration[] = readMigrations(),
): Promise<MigrationStatus> {
  return planMigrations(migrations, await readLedger(connection));
}

/**
 * Applies what is pending, each in its own transaction with its line in the ledger. Two runners at once
 * take turns: whoever comes second finds the line and does nothing.
 */
export async function migrateUp(
  connection: MigrationConnection,
  now: Date,
  migrations: readonly Migration[] = readMigrations(),
): Promise<MigrationStep[]> {
  return exclusively(connection, async () => {
    const done: MigrationStep[] = [];
    const { pending } = await migrationStatus(connection, migrations);
    if (pending.length > 0) await connection.query(CREATE_LEDGER);
    for (const migration of pending) {
      if (!migration.transaction) await run(connection, migration.name, migration.up);
      const applied = await inLockedLedger(connection, async () => {
        const again = planMigrations(migrations, await readLedger(connection));
        if (again.applied.length >= migration.number) return false;
        if (migration.transaction) await run(connection, migration.name, migration.up);
        await connection.query(`INSERT INTO ${LEDGER} VALUES ($1, $2, $3, $4, $5)`, [
          migration.number,
          migration.name,
          migration.checksum,
          now,
          VERSION,
        ]);
        return true;
      });
      if (applied) done.push({ number: migration.number, name: migration.name });
    }
    return done;
  });
}

/** Takes back the last `count` migrations, the latest first. */
export async function migrateDown(
  connection: MigrationConnection,
  count: number,
  migrations: readonly Migration[] = readMigrations(),
): Promise<MigrationStep[]> {
  return exclusively(connection, async () => {
    const done: MigrationStep[] = [];
    for (let i = 0; i < count; i += 1) {
      if ((await readLedger(connection)).length === 0) break;
      await inLockedLedger(connection, async () => {
        const last = (await migrationStatus(connection, migrations)).applied.at(-1);
        const migration = migrations.find(({ number }) => number === last?.number);
        if (migration === undefined) return;
        await run(connection, migration.name, migration.down);
        await connection.query(`DELETE FROM ${LEDGER} WHERE number = $1`, [migration.number]);
        done.push({ number: migration.number, name: migration.name });
      });
    }
    return done;
  });
}

/** Drops the whole schema with everything in it, and builds it again, empty. */
export async function resetSchema(
  connection: MigrationConnection,
  now: Date,
  migrations: readonly Migration[] = readMigrations(),
): Promise<MigrationStep[]> {
  await exclusively(connection, async () => {
    await connection.query("DROP SCHEMA IF EXISTS duetmind CASCADE");
    await connection.query(CREATE_LEDGER);
  });
  return migrateUp(connection, now, migrations);
}

/** An error that names the command, for a shared database whose schema is behind. */
export function assertCurrent({ pending }: MigrationStatus): void {
  const [next] = pending;
  if (next === undefined) return;
  throw new DuetMindError(
    "DATABASE_SCHEMA",
    `database: expected the schema of duetmind ${VERSION}, got one without ${next.name}`,
    { hint: "run: duetmind db migrate" },
  );
}

async function run(connection: MigrationConnection, name: string, sql: string): Promise<void> {
  try {
    await connection.query(sql);
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    const { hint } = error as { hint?: string }; // of the server, or of a RAISE in the migration
    throw new DuetMindError("DATABASE_SCHEMA", `${name}: expected to run, got: ${got}`, {
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** The migrations that a database has, also those that this version does not know. */
export async function readLedger(connection: MigrationConnection): Promise<AppliedMigration[]> {
  const found = await connection.query("SELECT to_regclass($1) IS NOT NULL AS there", [LEDGER]);
  if (!(found.rows[0] as { there: boolean }).there) return [];
  const { rows } = await connection.query(`SELECT * FROM ${LEDGER} ORDER BY number`);
  return rows as AppliedMigration[];
}

async function inLockedLedger<T>(
  connection: MigrationConnection,
  act: () => Promise<T>,
): Promise<T> {
  await connection.query("BEGIN");
  try {
    await connection.query(`LOCK TABLE ${LEDGER} IN EXCLUSIVE MODE`);
    const result = await act();
    await connection.query("COMMIT");
    return result;
  } catch (error) {
    await connection.query("ROLLBACK");
    throw error;
  }
}

/**
 * Asks again and again: a statement that waits for the lock holds a snapshot, and CREATE INDEX
 * CONCURRENTLY in the other runner waits for every snapshot to go, which is a deadlock.
 */
async function takeTurn(connection: MigrationConnection): Promise<void> {
  for (let asked = 0; asked * RETRY_MS < LONGEST_MIGRATION_MS; asked += 1) {
    const { rows } = await connection.query("SELECT pg_try_advisory_lock($1) AS taken", [
      ADVISORY_LOCK,
    ]);
    if ((rows[0] as { taken: boolean }).taken) return;
    await delay(RETRY_MS);
  }
  throw new DuetMindError(
    "DATABASE_LOCKED",
    `database: expected the other migration to end within ${LONGEST_MIGRATION_MS / 60_000} min, got one that still runs`,
  );
}

/**
 * On a shared server an advisory lock also covers the first CREATE SCHEMA and files without a
 * transaction. The embedded database forgets it between clients, where it does no harm: there the
 * ledger's lock is enough, because one statement runs at a time.
 */
async function exclusively<T>(connection: MigrationConnection, act: () => Promise<T>): Promise<T> {
  await takeTurn(connection);
  try {
    return await act();
  } finally {
    await connection.query("SELECT pg_advisory_unlock_all()");
  }
}
