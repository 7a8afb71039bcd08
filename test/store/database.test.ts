import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { type OpenedDatabase, openDatabase } from "../../src/store/database.ts";
import { dumpSchema } from "../../src/store/dump-schema.ts";
import { migrateDown, migrateUp } from "../../src/store/migrate.ts";
import { withOwnerConnection } from "../../src/store/owner-connection.ts";
import {
  defaultDatabaseParams,
  onPostgresql,
  temporaryFolder,
  testDatabase,
  testDatabaseEnv,
} from "../support/database.ts";

let database: OpenedDatabase;
beforeAll(async () => {
  database = await testDatabase();
});

const model = (name: string) => ({
  id: crypto.randomUUID(),
  name,
  created_at: new Date("2026-01-02T03:04:05.678Z"),
  updated_at: new Date("2026-01-02T03:04:05.678Z"),
});

test("the default experiment of MLflow is there, with a number as its id", async () => {
  const rows = await database.kysely
    .selectFrom("experiments")
    .select(["experiment_id", "name"])
    .execute();
  expect(rows).toEqual([{ experiment_id: 0, name: "Default" }]);
});

test("values come back as what they are", async () => {
  const { rows } = await sql`SELECT 9007199254740991::int8 AS big, 'NaN'::float8 AS nan,
    '2026-01-02T03:04:05.678Z'::timestamptz AS at, '{"a": [1, null]}'::jsonb AS json,
    0.1::numeric AS exact, true AS yes`.execute(database.kysely);
  expect(rows).toEqual([
    {
      big: Number.MAX_SAFE_INTEGER,
      nan: Number.NaN,
      at: new Date("2026-01-02T03:04:05.678Z"),
      json: { a: [1, null] },
      exact: "0.1",
      yes: true,
    },
  ]);
});

test("a bigint beyond 2^53 is an error, not another number", async () => {
  await expect(sql`SELECT 9007199254740993::int8`.execute(database.kysely)).rejects.toThrow(
    "bigint: expected an integer within ±2^53, got 9007199254740993",
  );
});

test("a transaction that throws leaves nothing, one that ends leaves all", async () => {
  const failing = database.transaction(async (db) => {
    await db.insertInto("model_registry").values(model("gone")).execute();
    throw new Error("stop");
  });
  await expect(failing).rejects.toThrow("stop");
  await database.transaction((db) =>
    db.insertInto("model_registry").values(model("kept")).execute(),
  );
  const rows = await database.kysely.selectFrom("model_registry").selectAll().execute();
  expect(rows).toEqual([{ ...rows[0], name: "kept", created_at: model("").created_at }]);
});

test("transactions and queries at once keep to themselves", async () => {
  const seen = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      database.transaction(async (db) => {
        await sql`SELECT set_config('duetmind.test', ${String(i)}, true)`.execute(db);
        await db
          .insertInto("model_registry")
          .values(model(`parallel-${i}`))
          .execute();
        const { rows } = await sql<{ value: string }>`
          SELECT current_setting('duetmind.test') AS value`.execute(db);
        return Number(rows[0]?.value);
      }),
    ),
  );
  expect(seen).toEqual(Array.from({ length: 12 }, (_, i) => i));
});

test("a failed statement leaves its connection usable", async () => {
  await expect(sql`SELECT * FROM no_such_table`.execute(database.kysely)).rejects.toMatchObject({
    code: "42P01",
  });
  const duplicate = database.kysely.insertInto("model_registry").values(model("kept")).execute();
  await expect(duplicate).rejects.toMatchObject({ code: "23505" });
  const { rows } = await sql`SELECT 1 AS one`.execute(database.kysely);
  expect(rows).toEqual([{ one: 1 }]);
});

test("what one session sets, the next does not see", async () => {
  await database.kysely.connection().execute(async (session) => {
    await sql`SET statement_timeout = 12345`.execute(session);
  });
  if (onPostgresql) return; // there every session is real, and `pg` keeps it
  const others = await Promise.all(
    Array.from({ length: 4 }, () =>
      database.transaction(async (db) => {
        const { rows } = await sql<{ value: string }>`
          SELECT current_setting('statement_timeout') AS value`.execute(db);
        return rows[0]?.value;
      }),
    ),
  );
  expect(others.filter((value) => value === "0").length).toBeGreaterThanOrEqual(3);
});

test("the embedded database lets clients in as a plain role", async () => {
  if (database.kind !== "embedded") return;
  const { rows } = await sql`SELECT current_user AS who, session_user AS session,
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super`.execute(database.kysely);
  expect(rows).toEqual([{ who: "duetmind_client", session: "duetmind_client", super: false }]);
  for (const statement of [
    sql`RESET SESSION AUTHORIZATION`,
    sql`SET SESSION AUTHORIZATION postgres`,
    sql`SELECT set_config('session_authorization', 'postgres', false)`,
    sql`DISCARD ALL`,
    sql`CREATE TABLE duetmind.mine (a int)`,
    sql`DROP TABLE duetmind.runs`,
  ]) {
    await expect(statement.execute(database.kysely)).rejects.toMatchObject({ code: "42501" });
  }
});

test("the statistics that plans go by are renewed when a table has grown, and only then", async () => {
  const analyzed = async () => {
    const { rows } = await sql<{ reltuples: number; at: Date | null }>`
      SELECT c.reltuples, s.last_analyze AS at
      FROM pg_class AS c JOIN pg_stat_user_tables AS s ON s.relid = c.oid
      WHERE c.oid = 'duetmind.version_counter'::regclass`.execute(database.kysely);
    return rows[0]!;
  };
  const add = (count: number) =>
    sql`INSERT INTO duetmind.version_counter (kind, name, last_version)
    SELECT 'dataset', 'counted ' || n || ' of ' || ${count}::int, 1
    FROM generate_series(1, ${count}::int) AS n`.execute(database.kysely);
  await add(5000);
  await database.renewStatistics();
  const first = await analyzed();
  expect(first.reltuples).toBeGreaterThanOrEqual(5000);
  await add(500);
  await database.renewStatistics();
  expect(await analyzed()).toEqual(first);
  await add(2000);
  await database.renewStatistics();
  expect((await analyzed()).reltuples).toBeGreaterThanOrEqual(7500);
});

test("a silent transaction is rolled back and says so", async () => {
  if (database.kind !== "embedded") return;
  const silent = database.transaction(async (db) => {
    await db.insertInto("model_registry").values(model("silent")).execute();
    // A query outside waits for this transaction, which waits for it: nobody says anything.
    const outside = database.kysely.selectFrom("model_registry").select("name").execute();
    expect((await outside).map(({ name }) => name)).not.toContain("silent");
    await db.selectFrom("model_registry").select("name").execute();
  });
  await expect(silent).rejects.toMatchObject({
    code: "DATABASE_UNAVAILABLE",
    message: "transaction: expected the next statement within 2 s, got none; it was rolled back",
  });
});

test("opening again finds the rows, in the same process as a client of the first", async () => {
  const root = temporaryFolder();
  const env = await testDatabaseEnv();
  const open = () =>
    openDatabase({ root, env, params: defaultDatabaseParams, effects: realEffects });
  const first = await open();
  const second = await open();
  await first.kysely.insertInto("model_registry").values(model("first")).execute();
  await second.kysely.insertInto("model_registry").values(model("second")).execute();
  await first.close(); // the owner leaves: the client takes over
  await second.kysely.insertInto("model_registry").values(model("third")).execute();
  await second.close();
  const third = await open();
  const rows = await third.kysely
    .selectFrom("model_registry")
    .select("name")
    .orderBy("name")
    .execute();
  await third.close();
  expect(rows.map(({ name }) => name)).toEqual(["first", "second", "third"]);
});

test("a project whose path is too long for a socket works", async () => {
  if (onPostgresql) return;
  const root = `${temporaryFolder()}/${"long-".repeat(30)}`;
  const options = { root, env: {}, params: defaultDatabaseParams, effects: realEffects };
  const long = await openDatabase(options);
  const { rows } = await sql`SELECT 1 AS one`.execute(long.kysely);
  await long.close();
  expect(rows).toEqual([{ one: 1 }]);
});

test("a PostgreSQL whose schema is behind is refused, with the command that helps", async () => {
  const env = await testDatabaseEnv();
  const options = {
    root: temporaryFolder(),
    env,
    params: defaultDatabaseParams,
    effects: realEffects,
  };
  await withOwnerConnection(options, async ({ connection }) => {
    const dumped = await dumpSchema(connection);
    const undone = await migrateDown(connection, 99);
    expect(undone.length).toBeGreaterThan(0);
    expect((await dumpSchema(connection)).match(/CREATE TABLE duetmind\.\w+/g)).toEqual([
      "CREATE TABLE duetmind.schema_migration",
    ]);
    if (onPostgresql) {
      await expect(openDatabase(options)).rejects.toMatchObject({
        code: "DATABASE_SCHEMA",
        message: expect.stringContaining("got one without 0001-create-metadata"),
        details: { hint: "run: duetmind db migrate" },
      });
    }
    await migrateUp(connection, new Date());
    expect(await dumpSchema(connection)).toBe(dumped); // down and up again lose nothing
  });
});
