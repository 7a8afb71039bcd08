import fc from "fast-check";
import { expect, test } from "vitest";
import { id, join, lit, raw, sql } from "../../src/table/sql.ts";
import { scratchEngine } from "./scratch.ts";

test("text comes back as it went in, whatever it holds", async () => {
  const engine = await scratchEngine();
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
      const [row] = await engine.rows(sql`SELECT ${lit(text)} AS v`);
      expect(row!["v"]).toBe(text);
    }),
    { numRuns: 50 },
  );
});

test("a double comes back with the same bits", async () => {
  const engine = await scratchEngine();
  await fc.assert(
    fc.asyncProperty(fc.double(), async (number) => {
      const [row] = await engine.rows(sql`SELECT ${lit(number)}::DOUBLE AS v`);
      expect(Object.is(row!["v"], number)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test("a quoted name cannot end its quotes", async () => {
  const engine = await scratchEngine();
  const name = 'x" FROM t; DROP TABLE t; --';
  const [row] = await engine.rows(sql`SELECT 1 AS ${id(name)}`);
  expect(row).toEqual({ [name]: 1 });
});

test("pieces are put together as they are", () => {
  const columns = join(["a", "b"].map(id));
  const query = sql`SELECT ${columns} FROM t WHERE a IN (${join([lit(1), lit("x'y"), lit(null)])}) ${raw("LIMIT 1")}`;
  expect(query.text).toBe(`SELECT "a", "b" FROM t WHERE a IN (1, 'x''y', NULL) LIMIT 1`);
  expect(lit([1, -2n, true]).text).toBe("[1, (-2), TRUE]");
});
