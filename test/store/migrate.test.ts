import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { migrateDown, migrateUp, migrationStatus } from "../../src/store/migrate.ts";
import { type Migration, readMigrations } from "../../src/store/migration-files.ts";
import { planMigrations } from "../../src/store/migration-plan.ts";
import { withOwnerConnection } from "../../src/store/owner-connection.ts";
import { defaultDatabaseParams, temporaryFolder, testDatabaseEnv } from "../support/database.ts";

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = join(temporaryFolder(), "migrations");
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const options = async () => ({
  root: temporaryFolder(),
  env: await testDatabaseEnv(),
  params: defaultDatabaseParams,
  effects: realEffects,
});

/** The real migrations and two more. */
function extended(second = "CREATE TABLE duetmind.extra (a integer);"): Migration[] {
  const real = readMigrations();
  const files = Object.fromEntries(
    real.flatMap(({ name, up, down }) => [
      [`${name}.up.sql`, up],
      [`${name}.down.sql`, down],
    ]),
  );
  const next = (offset: number) => String(real.length + offset).padStart(4, "0");
  return readMigrations(
    folderWith({
      ...files,
      [`${next(1)}-add-extra.up.sql`]: second,
      [`${next(1)}-add-extra.down.sql`]: "DROP TABLE duetmind.extra;",
      [`${next(2)}-index-extra.up.sql`]:
        "-- no transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS extra_a ON duetmind.extra (a);",
      [`${next(2)}-index-extra.down.sql`]: "DROP INDEX duetmind.extra_a;",
    }),
  );
}

test("pending migrations are applied in order, taken back in reverse, and known to the ledger", async () => {
  const migrations = extended();
  const [add, index] = migrations.slice(-2).map(({ number, name }) => ({ number, name }));
  await withOwnerConnection(await options(), async ({ connection }) => {
    const now = new Date("2026-01-02T03:04:05.000Z");
    expect(await migrateUp(connection, now, migrations)).toEqual([add, index]);
    expect(await migrateUp(connection, now, migrations)).toEqual([]);
    const { applied } = await migrationStatus(connection, migrations);
    expect(applied.at(-1)).toMatchObject({ name: index!.name, applied_at: now });
    expect(await migrateDown(connection, 2, migrations)).toEqual([index, add]);
    const { pending } = await migrationStatus(connection, migrations);
    expect(pending.map(({ name }) => name)).toEqual([add!.name, index!.name]);
  });
});

test("a migration that fails half way leaves nothing of itself", async () => {
  const migrations = extended("CREATE TABLE duetmind.extra (a integer); SELECT 1/0;");
  await withOwnerConnection(await options(), async ({ connection }) => {
    await expect(migrateUp(connection, new Date(), migrations)).rejects.toMatchObject({
      code: "DATABASE_SCHEMA",
      message: expect.stringMatching(/^\d{4}-add-extra: expected to run, got: division by zero$/),
    });
    const { rows } = await connection.query("SELECT to_regclass('duetmind.extra') AS there");
    expect(rows).toEqual([{ there: null }]);
    expect((await migrationStatus(connection, migrations)).pending).toHaveLength(2);
  });
});

test("two runners at once apply each migration once", async () => {
  const migrations = extended();
  const both = await options();
  await withOwnerConnection(both, async (first) => {
    await withOwnerConnection(both, async (second) => {
      const done = await Promise.all(
        [first, second].map(({ connection }) => migrateUp(connection, new Date(), migrations)),
      );
      const names = done.flat().map(({ name }) => name);
      expect(names.sort()).toEqual(migrations.slice(-2).map(({ name }) => name));
    });
  });
});

test("an applied file that was edited is refused", () => {
  const [first] = readMigrations();
  const applied = { ...first!, checksum: "sha256:0", applied_at: new Date(0), duetmind: "0.1.0" };
  expect(() => planMigrations([first!], [applied])).toThrow(
    `${first!.name}: expected the file that was applied (sha256:0), got ${first!.checksum}`,
  );
});

test("a database of a newer DuetMind is refused", () => {
  const newer = {
    number: 1,
    name: "0001-x",
    checksum: "",
    applied_at: new Date(0),
    duetmind: "9.0.0",
  };
  expect(() => planMigrations([], [newer])).toThrow(
    "database: expected at most migration 0, got 0001-x of duetmind 9.0.0",
  );
});

test.each([
  [{ "1-x.up.sql": "" }, "expected 0001-name.up.sql or .down.sql, got 1-x.up.sql"],
  [{ "0001-x.up.sql": "" }, "expected 0001-x.down.sql, got no file"],
  [{ "0002-x.up.sql": "", "0002-x.down.sql": "" }, "expected number 1, got 0002-x"],
])("a folder with %o is refused", (files, message) => {
  expect(() => readMigrations(folderWith(files))).toThrow(message);
});
