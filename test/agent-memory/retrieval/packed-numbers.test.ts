import { sql } from "kysely";
import { expect, test } from "vitest";
import { readPacked } from "../../../src/agent-memory/retrieval/packed-numbers.ts";
import { testDatabase } from "../../support/database.ts";

test("numbers are read as the database packs them", async () => {
  const { kysely } = await testDatabase();
  const bigs = [0, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, -(2 ** 53) + 1];
  const { rows } = await sql<{ packed: Buffer }>`SELECT string_agg(
      int8send(n) || int4send(-5) || float4send(-0.1::float4), ''::bytea ORDER BY at) AS packed
    FROM unnest(${bigs}::bigint[]) WITH ORDINALITY AS given(n, at)`.execute(kysely);
  const { ints, int8, floats } = readPacked(rows[0]!.packed);
  expect(bigs.map((_, i) => int8(4 * i))).toEqual(bigs);
  expect(bigs.map((_, i) => ints[4 * i + 2])).toEqual(bigs.map(() => -5));
  expect(bigs.map((_, i) => floats[4 * i + 3])).toEqual(bigs.map(() => Math.fround(-0.1)));
});

test("a part of a buffer is read as one, and nothing as nothing", () => {
  const whole = Buffer.from([9, 0, 0, 0, 7, 9]);
  expect([...readPacked(whole.subarray(1, 5)).ints]).toEqual([7]);
  expect(whole).toEqual(Buffer.from([9, 0, 0, 0, 7, 9]));
  expect(readPacked(Buffer.alloc(0)).ints).toHaveLength(0);
});
