import { sql } from "kysely";
import { expect, test } from "vitest";
import { toFloat4Array } from "../../src/store/float4-array.ts";
import { testDatabase } from "../support/database.ts";

test("the database reads the numbers that were sent, to the last bit", async () => {
  const { kysely } = await testDatabase();
  const vectors = [Float32Array.of(1, -0.1, 3.4e38), Float32Array.of(1e-45, 0, 2 ** -24)];
  const { rows } = await sql<{
    sent: number[];
  }>`SELECT ${toFloat4Array(vectors)}::float4[] AS sent`.execute(kysely);
  expect(Float32Array.from(rows[0]!.sent)).toEqual(
    Float32Array.of(...vectors.flatMap((v) => [...v])),
  );
});

test("no vectors are an empty array", async () => {
  const { kysely } = await testDatabase();
  const { rows } = await sql<{
    n: number;
  }>`SELECT cardinality(${toFloat4Array([])}::float4[]) AS n`.execute(kysely);
  expect(rows[0]!.n).toBe(0);
});
