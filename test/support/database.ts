import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { type OpenedDatabase, openDatabase } from "../../src/store/database.ts";
import { migrateUp } from "../../src/store/migrate.ts";
import { readMigrations } from "../../src/store/migration-files.ts";
import { databaseParams } from "../../src/store/params.ts";

const SERVER = process.env["DUETMIND_TEST_DATABASE_URL"];

/** True when the tests run on a real PostgreSQL server, false on the embedded database. */
export const onPostgresql = SERVER !== undefined;

/** The default `database` section of params.yaml. */
export const defaultDatabaseParams = databaseParams.parse({});

const cleanUps: (() => unknown)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

/** Does something when the test file ends, the latest first; may be called inside a test. */
export function atEnd(cleanUp: () => unknown): void {
  cleanUps.push(cleanUp);
}

/** A folder that goes when the test file ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "duetmind-test-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * A migrated, empty database of its own: a copy of the snapshot on PGlite, a clone of a template
 * database on PostgreSQL when DUETMIND_TEST_DATABASE_URL names a server. Closed when the file ends.
 */
export async function testDatabase(): Promise<OpenedDatabase> {
  const env = await testDatabaseEnv();
  const options = { root: temporaryFolder(), env, params: defaultDatabaseParams };
  const database = await openDatabase({ ...options, effects: realEffects });
  atEnd(() => database.close());
  return database;
}

/** The environment that leads openDatabase to a fresh database: empty on PGlite. */
export async function testDatabaseEnv(): Promise<Readonly<Record<string, string>>> {
  if (SERVER === undefined) return {};
  const name = `duetmind_test_${randomBytes(6).toString("hex")}`;
  await onServer(async (client) => {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${await ensureTemplate(client)}`);
  });
  atEnd(() => onServer((client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`)));
  return { DATABASE_URL: databaseUrl(name) };
}

function databaseUrl(name: string): string {
  const url = new URL(SERVER!);
  url.pathname = `/${name}`;
  return url.href;
}

async function onServer<T>(act: (client: pg.Client) => Promise<T>, url = SERVER!): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

/** One template for each set of migrations; the advisory lock lets one worker make it. */
async function ensureTemplate(client: pg.Client): Promise<string> {
  const hash = createHash("sha256");
  for (const { checksum } of readMigrations()) hash.update(checksum);
  const name = `duetmind_template_${hash.digest("hex").slice(0, 12)}`;
  await client.query("SELECT pg_advisory_lock(20261123)");
  const found = await client.query("SELECT FROM pg_database WHERE datname = $1", [name]);
  if (found.rowCount === 0) {
    const fresh = `${name}_new`;
    await client.query(`DROP DATABASE IF EXISTS ${fresh}`);
    await client.query(`CREATE DATABASE ${fresh}`);
    await onServer((template) => migrateUp(template, new Date()), databaseUrl(fresh));
    await client.query(`ALTER DATABASE ${fresh} RENAME TO ${name}`);
  }
  return name;
}
