import { sql } from "kysely";
import pg from "pg";
import { beforeAll, expect, test, vi } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { type OpenedDatabase, openDatabase } from "../../src/store/database.ts";
import { PREPARED } from "../../src/store/prepared.ts";
import {
  atEnd,
  defaultDatabaseParams,
  temporaryFolder,
  testDatabaseEnv,
} from "../support/database.ts";

let database: OpenedDatabase;
beforeAll(async () => {
  // one connection, so that a statement meets the one that it was prepared on
  const params = { ...defaultDatabaseParams, pool_size: 1 };
  const options = { root: temporaryFolder(), env: await testDatabaseEnv(), params };
  database = await openDatabase({ ...options, effects: realEffects });
  atEnd(() => database.close());
});

const ask = <Row>(statement: ReturnType<typeof sql<Row>>) => statement.execute(database.kysely);

test("a prepared statement is described once for each connection, and its rows are the same", async () => {
  const described = vi.spyOn(pg.Connection.prototype, "describe");
  const rowsOf = (from: number) =>
    ask(sql`${PREPARED} SELECT n AS id, n::bigint * 10 AS big, NULL::text AS nothing, '\\x0a'::bytea AS bytes,
      '{"a":1}'::jsonb AS json, timestamptz '2026-11-27 09:30:00.123456+00' AS at, 0.5::float8 AS half
      FROM generate_series(${from}::int, 2) AS n`);
  const first = await rowsOf(1);
  const again = await rowsOf(1);
  expect(described).toHaveBeenCalledTimes(1);
  described.mockRestore();
  const bytes = Buffer.from([10]);
  const more = { nothing: null, bytes, json: { a: 1 }, half: 0.5 };
  const at = new Date("2026-11-27T09:30:00.123Z");
  expect(first.rows).toEqual([1, 2].map((id) => ({ id, big: 10 * id, at, ...more })));
  expect(again.rows).toEqual(first.rows);
  expect((await rowsOf(3)).rows).toEqual([]);
});

test("without rows there is nothing to describe, and what was changed is counted", async () => {
  await ask(sql`CREATE TABLE counted (n int)`);
  const add = () => ask(sql`${PREPARED} INSERT INTO counted SELECT generate_series(1, 3)`);
  await add();
  const described = vi.spyOn(pg.Connection.prototype, "describe");
  expect((await add()).numAffectedRows).toBe(3n);
  expect(described).not.toHaveBeenCalled();
  described.mockRestore();
});

test("a value that cannot be read fails its statement alone", async () => {
  const big = (value: string) =>
    ask<{ n: number }>(sql`${PREPARED} SELECT ${value}::bigint AS n FROM generate_series(1, 2)`);
  await expect(big("9007199254740993")).rejects.toThrow("expected an integer within ±2^53");
  expect((await big("7")).rows).toEqual([{ n: 7 }, { n: 7 }]);
  await expect(big("9007199254740993")).rejects.toThrow("expected an integer within ±2^53");
});

test("a connection that was killed leaves nothing to the next", async () => {
  const ids = () =>
    ask(sql`${PREPARED} SELECT n AS id, pg_backend_pid() AS pid FROM generate_series(1, 2) AS n`);
  await ids();
  const { rows } = await ids();
  const { pid } = rows[0] as { pid: number };
  const killer = new pg.Client(process.env["DUETMIND_TEST_DATABASE_URL"]);
  await killer.connect();
  const working = ask(sql`${PREPARED} SELECT pg_sleep(60) AS id`);
  await vi.waitFor(async () => {
    const { rowCount } = await killer.query(
      "SELECT FROM pg_stat_activity WHERE pid = $1 AND query LIKE '%pg_sleep%' AND state = 'active'",
      [pid],
    );
    expect(rowCount).toBe(1);
  });
  await Promise.all([
    expect(working).rejects.toThrow("terminating connection"),
    killer.query("SELECT pg_terminate_backend($1)", [pid]),
  ]);
  await killer.end();
  const after = await ids();
  expect(after.rows).toMatchObject([{ id: 1 }, { id: 2 }]);
  expect(after.rows[0]).not.toMatchObject({ pid });
});

test("columns that changed are refused, never read as those of before", async () => {
  await ask(sql`CREATE TABLE changing (a int)`);
  await ask(sql`INSERT INTO changing VALUES (1)`);
  const all = () => ask(sql`${PREPARED} SELECT * FROM changing`);
  expect((await all()).rows).toEqual([{ a: 1 }]);
  await ask(sql`ALTER TABLE changing ADD COLUMN b text DEFAULT 'new'`);
  await expect(all()).rejects.toThrow("cached plan must not change result type");
});
