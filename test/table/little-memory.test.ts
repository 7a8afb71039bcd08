import fc from "fast-check";
import { expect, test } from "vitest";
import { openEngine } from "../../src/table/engine.ts";
import {
  inLittleMemory,
  joiningMemoryMb,
  littleMemoryMb,
  MOST_MEMORY_MB,
  spillingMemoryMb,
} from "../../src/table/little-memory.ts";
import { sql } from "../../src/table/sql.ts";

/** A list cannot be spilled, and this one takes some 200 MB. */
const BIG = sql`SELECT len(list(i)) AS n FROM range(12000000) t(i)`;

test("more columns or threads never get less memory, and nobody more than the most", () => {
  const count = fc.nat({ max: 10_000 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 256 }), count, count, (threads, columns, more) => {
      for (const memoryMb of [littleMemoryMb, joiningMemoryMb, spillingMemoryMb]) {
        const memory = memoryMb(threads, columns);
        expect(memoryMb(threads, columns + more)).toBeGreaterThanOrEqual(memory);
        expect(memoryMb(threads + 1, columns)).toBeGreaterThanOrEqual(memory);
        expect(memory).toBeLessThanOrEqual(MOST_MEMORY_MB);
      }
    }),
  );
});

test("work that needs more than little memory is done again with all of it", async () => {
  const engine = await openEngine({ threads: 1, memoryLimitMb: MOST_MEMORY_MB });
  let tries = 0;
  const work = async () => {
    tries += 1;
    return engine.rows(BIG);
  };
  try {
    expect(await inLittleMemory(engine, 64, work)).toEqual([{ n: 12_000_000 }]);
    expect(tries).toBe(2);
    expect(await work()).toEqual([{ n: 12_000_000 }]);
  } finally {
    engine.close();
  }
});

test("an error of another kind is thrown at once", async () => {
  const engine = await openEngine({ threads: 1, memoryLimitMb: MOST_MEMORY_MB });
  let tries = 0;
  try {
    const work = inLittleMemory(engine, 64, async () => {
      tries += 1;
      await engine.run(sql`SELECT * FROM nowhere`);
    });
    await expect(work).rejects.toThrow("nowhere");
    expect(tries).toBe(1);
  } finally {
    engine.close();
  }
});
