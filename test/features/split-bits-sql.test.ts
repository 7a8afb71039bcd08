import { expect, test } from "vitest";
import { createSplitBits, rowsOfSplit } from "../../src/features/split-bits-sql.ts";
import { SPLITS } from "../../src/features/split-params.ts";
import { openEngine } from "../../src/table/engine.ts";
import { lit, type Sql, sql } from "../../src/table/sql.ts";

const ROWS = sql`(SELECT r AS "__row__" FROM range(200000) t(r))`;

async function expectRowsOfSplits(split: Sql): Promise<void> {
  const engine = await openEngine({ threads: 2 });
  try {
    // rows without a target are in no split: here single ones, and tens of thousands in a row
    await engine.run(sql`CREATE TABLE dealt AS SELECT "__row__", ${split} AS "__split__" FROM ${ROWS}
      WHERE "__row__" % 7 <> 3 AND "__row__" NOT BETWEEN 50000 AND 90000`);
    const bits = await createSplitBits(engine, sql`dealt`);
    for (const name of SPLITS) {
      const found = await engine.rows(
        sql`SELECT "__row__" AS r FROM ${rowsOfSplit(ROWS, bits, name)}`,
      );
      const dealt = await engine.rows(
        sql`SELECT "__row__" AS r FROM dealt WHERE "__split__" = ${lit(name)} ORDER BY 1`,
      );
      expect(found).toEqual(dealt);
    }
  } finally {
    engine.close();
  }
}

test("a split's rows are those that were dealt to it, in their order", async () => {
  await expectRowsOfSplits(
    sql`['train', 'validation', 'test'][1 + (hash("__row__") % 3)::INTEGER]`,
  );
});

test("splits that lie one after the other, one of them empty, have their rows", async () => {
  await expectRowsOfSplits(sql`CASE WHEN "__row__" < 120001 THEN 'train' ELSE 'test' END`);
});

test("the bits of more rows lie in more and longer pieces, never in one", async () => {
  const engine = await openEngine({ threads: 2 });
  try {
    for (const [rows, pieceRows] of [
      [1, 64],
      [100_000, 64],
      [10_000_000, 1024],
    ] as const) {
      const dealt = sql`(SELECT 'train' AS "__split__", ${lit(rows - 1)} AS "__row__")`;
      const bits = await createSplitBits(engine, dealt);
      expect(bits.pieceRows).toBe(pieceRows);
      const [found] = await engine.rows(sql`SELECT len(pieces) AS n FROM ${bits.table}`);
      expect(found).toEqual({ n: Math.ceil(rows / pieceRows) });
    }
  } finally {
    engine.close();
  }
});
