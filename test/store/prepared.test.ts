import { sql } from "kysely";
import { expect, test } from "vitest";
import { PREPARED, preparedName } from "../../src/store/prepared.ts";
import { testDatabase } from "../support/database.ts";

test("only a marked statement has a name: one text, one name", () => {
  const name = preparedName("/* prepared */ SELECT 1");
  expect(name).toMatch(/^duetmind_\d+$/);
  expect(preparedName("/* prepared */ SELECT 1")).toBe(name);
  expect(preparedName("/* prepared */ SELECT 2")).not.toBe(name);
  expect(preparedName("SELECT 1")).toBeUndefined();
  expect(preparedName("SELECT '/* prepared */'")).toBeUndefined();
});

test("a marked statement is prepared once, another never", async () => {
  const database = await testDatabase();
  await database.transaction(async (db) => {
    for (const value of [1, 2, 3]) {
      const { rows } = await sql<{
        twice: number;
      }>`${PREPARED} SELECT ${value}::int * 2 AS twice`.execute(db);
      expect(rows).toEqual([{ twice: value * 2 }]);
      await sql`SELECT ${value}::int`.execute(db);
    }
    const { rows } = await sql<{ statement: string }>`
      SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%AS twice'`.execute(db);
    expect(rows).toHaveLength(1);
  });
});
