import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { openDatabase } from "../../src/store/database.ts";
import { migrateUp } from "../../src/store/migrate.ts";
import { withOwnerConnection } from "../../src/store/owner-connection.ts";
import { databaseParams } from "../../src/store/params.ts";

/** The database of the reference application as each release left it (pg_dump --inserts). */
const RELEASES = ["0.1.0"];

async function restore(release: string): Promise<string> {
  const url = new URL(process.env["DUETMIND_TEST_DATABASE_URL"]!);
  const name = `upgrade_${release.replaceAll(".", "_")}`;
  const server = new pg.Client(url.href);
  await server.connect();
  await server.query(`DROP DATABASE IF EXISTS ${name}`);
  await server.query(`CREATE DATABASE ${name}`);
  const { rowCount } = await server.query(
    "SELECT 1 FROM pg_roles WHERE rolname = 'duetmind_client'",
  );
  if (rowCount === 0) await server.query("CREATE ROLE duetmind_client NOLOGIN");
  await server.end();
  url.pathname = `/${name}`;
  const client = new pg.Client(url.href);
  await client.connect();
  const dump = join(import.meta.dirname, "..", "fixtures", `database-${release}.sql`);
  await client.query(readFileSync(dump, "utf8"));
  await client.end();
  return url.href;
}

test.each(RELEASES)(
  "the database of %s is brought to this version and keeps its models",
  async (release) => {
    const env = { DATABASE_URL: await restore(release) };
    const options = { root: "/", env, params: databaseParams.parse({}), effects: realEffects };
    await withOwnerConnection(options, async ({ connection }) => {
      await migrateUp(connection, new Date("2026-11-24T00:00:00Z"));
    });
    const database = await openDatabase(options);
    try {
      const versions = await database.kysely
        .selectFrom("model_version_detail as v")
        .innerJoin("model_registry as m", "m.id", "v.model_id")
        .select(["m.name", "v.version", "v.status"])
        .execute();
      expect(versions).toEqual([{ name: "alzheimer", version: 1, status: "staging" }]);
      const points = await database.kysely.selectFrom("metrics").select("key").execute();
      expect(points.length).toBeGreaterThan(100);
    } finally {
      await database.close();
    }
  },
);
