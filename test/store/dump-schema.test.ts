import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { dumpSchema } from "../../src/store/dump-schema.ts";
import { migrateUp } from "../../src/store/migrate.ts";
import { withOwnerConnection } from "../../src/store/owner-connection.ts";
import { readColumnCatalogue } from "../../src/store/schema-catalogue.ts";
import { toTableTypes } from "../../src/store/table-types.ts";
import { defaultDatabaseParams, temporaryFolder, testDatabaseEnv } from "../support/database.ts";

const options = async () => ({
  root: temporaryFolder(),
  env: await testDatabaseEnv(),
  params: defaultDatabaseParams,
  effects: realEffects,
});

const stored = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("infra/schema.sql and src/store/tables.ts are those of the migrations", async () => {
  const given = await options();
  const isServer = given.env["DATABASE_URL"] !== undefined;
  await withOwnerConnection(given, async ({ connection }) => {
    await migrateUp(connection, new Date());
    const onServer = (schema: string) =>
      schema.replace(
        "\n  embedding public.vector NOT NULL",
        "\n  embedding public.halfvec NOT NULL",
      );
    const schema = stored("infra/schema.sql");
    expect(await dumpSchema(connection)).toBe(isServer ? onServer(schema) : schema);
    expect(toTableTypes(await readColumnCatalogue(connection))).toBe(stored("src/store/tables.ts"));
  });
});

test("the dump can be run, and dumps as itself", async () => {
  await withOwnerConnection(await options(), async ({ connection }) => {
    await connection.query("DROP SCHEMA duetmind CASCADE");
    await connection.query(stored("infra/schema.sql"));
    expect(await dumpSchema(connection)).toBe(stored("infra/schema.sql"));
  });
});

test("a column type without a TypeScript type is an error that names it", () => {
  const column = { relation: "t", kind: "table", column: "c", type: "money" } as const;
  expect(() =>
    toTableTypes([{ ...column, nullable: false, fallback: null, identity: "", computed: false }]),
  ).toThrow("t.c: no TypeScript type for money");
});
