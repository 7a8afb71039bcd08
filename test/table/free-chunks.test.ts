import { expect, test } from "vitest";
import { openEngine } from "../../src/table/engine.ts";
import { sql } from "../../src/table/sql.ts";

test("a stream holds some chunks at a time, whatever its length", async () => {
  const engine = await openEngine({ threads: 2 });
  const query = sql`SELECT i::DOUBLE AS a, a AS b, a AS c, a AS d, a AS e, a AS f, a AS g, a AS h FROM range(1000000) t(i)`;
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  let rows = 0;
  try {
    for await (const chunk of engine.stream(query)) {
      for (let column = 0; column < chunk.columnCount; column++) chunk.getColumnVector(column);
      rows += chunk.rowCount;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
  } finally {
    engine.close();
  }
  expect(rows).toBe(1_000_000);
  // 64 MB went by
  expect(most).toBeGreaterThan(100_000);
  expect(most).toBeLessThan(12_000_000);
});
