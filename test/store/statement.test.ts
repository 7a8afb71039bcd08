import { sql } from "kysely";
import { expect, test } from "vitest";
import { statement, statementsBy } from "../../src/store/statement.ts";
import { testDatabase } from "../support/database.ts";

test("a statement is put together once, and gives each call's values their places", async () => {
  const database = await testDatabase();
  let built = 0;
  const subtract = statement<{ from: number; less: number }, { left: number; from: number }>(
    ({ from, less }) => {
      built += 1;
      return sql`SELECT ${from}::int - ${less}::int + ${0}::int AS left, ${from}::int AS from`;
    },
  );
  expect(await subtract(database.kysely, { from: 5, less: 3 })).toEqual([{ left: 2, from: 5 }]);
  expect(await subtract(database.kysely, { less: 9, from: 2 })).toEqual([{ left: -7, from: 2 }]);
  await database.transaction(async (db) => {
    expect(await subtract(db, { from: 1, less: 1 })).toEqual([{ left: 0, from: 1 }]);
  });
  expect(built).toBe(1);
});

test("values are parameters, never text", async () => {
  const database = await testDatabase();
  const echo = statement<{ text: string }, { text: string }>(
    ({ text }) => sql`SELECT ${text}::text AS text`,
  );
  const odd = "'; DROP TABLE duetmind.runs; --";
  expect(await echo(database.kysely, { text: odd })).toEqual([{ text: odd }]);
});

test("each form has a statement of its own", async () => {
  const database = await testDatabase();
  const made: number[] = [];
  const firstOf = statementsBy(String, (most: number) => {
    made.push(most);
    return statement<{ from: number }, { n: number }>(
      ({ from }) => sql`SELECT n FROM generate_series(${from}::int, 9) AS n LIMIT ${sql.lit(most)}`,
    );
  });
  expect(await firstOf(2)(database.kysely, { from: 4 })).toEqual([{ n: 4 }, { n: 5 }]);
  expect(await firstOf(1)(database.kysely, { from: 7 })).toEqual([{ n: 7 }]);
  expect(await firstOf(2)(database.kysely, { from: 8 })).toEqual([{ n: 8 }, { n: 9 }]);
  expect(made).toEqual([2, 1]);
});

test("what the database refuses is told, and the statement goes on", async () => {
  const database = await testDatabase();
  const divide = statement<{ by: number }, { left: number }>(
    ({ by }) => sql`SELECT 12 / ${by}::int AS left`,
  );
  await expect(divide(database.kysely, { by: 0 })).rejects.toThrow("division by zero");
  expect(await divide(database.kysely, { by: 4 })).toEqual([{ left: 3 }]);
});
