import { expect, test } from "vitest";
import { createNumberSpool } from "../../src/features/number-spool.ts";
import { openEngine } from "../../src/table/engine.ts";
import { lit, sql } from "../../src/table/sql.ts";

test("columns come back in row order, as often as asked, from memory and from the file", async () => {
  const engine = await openEngine();
  for (const rows of [0, 5, 1_300_000]) {
    const spool = createNumberSpool(3);
    try {
      const query = sql`SELECT r::DOUBLE, CASE WHEN r % 7 > 0 THEN r % 7 END, -r FROM range(${lit(rows)}) t(r)`;
      for await (const chunk of engine.stream(query)) spool.add(chunk);
      expect(spool.rowCount).toBe(rows);
      for (let pass = 0; pass < 2; pass++) {
        let [row, wrong] = [0, 0];
        spool.scan([2, 1], ([negative, part]) => {
          for (let i = 0; i < part!.length; i++, row++) {
            const expected = row % 7 > 0 ? row % 7 : Number.NaN;
            if (!Object.is(part![i], expected) || negative![i]! + row !== 0) wrong += 1;
          }
          negative!.fill(1); // a visitor may change what it was given
        });
        expect([row, wrong]).toEqual([rows, 0]);
      }
    } finally {
      spool.close();
    }
  }
  engine.close();
});
