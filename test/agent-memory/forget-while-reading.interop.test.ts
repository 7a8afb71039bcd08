import { sql } from "kysely";
import { expect, test } from "vitest";
import { memoryTestBed } from "./memory-test-bed.ts";
import { countRows } from "./tables.ts";

/** The statement that waits for whoever deletes a memory; no other call of the test gives it. */
const WAITS_IN = {
  associate: "LOCK TABLE duetmind.memory_associations%",
  retrieve: "%UPDATE duetmind.agent_memory m%",
};

/** Another process forgets a memory while a call is at it: who writes about the row waits, then finds it gone. */
async function whileForgetting(call: "associate" | "retrieve") {
  const bed = await memoryTestBed();
  const memory = bed.as();
  const [gone, stays] = await memory.storeMemories([
    { sessionId: "s", content: "the scan is on Friday" },
    { sessionId: "s", content: "the scan is on Monday" },
  ]);
  const calls = {
    associate: () => memory.associate({ from: stays!.id, to: gone!.id, relation: "causal" }),
    retrieve: async () => {
      const hits = await memory.retrieveMemories({ sessionId: "s", query: "scan" });
      await memory.listSessions(); // what was shown is written down before
      return hits.map(({ id }) => id);
    },
  };
  const { kysely } = bed.database;
  let result: Promise<unknown> | undefined;
  await kysely.transaction().execute(async (other) => {
    await sql`DELETE FROM duetmind.agent_memory WHERE id = ${gone!.id}::uuid`.execute(other);
    let isOver = false;
    result = calls[call]()
      .catch((error: unknown) => error)
      .finally(() => {
        isOver = true;
      });
    for (let waiting = false; !waiting && !isOver; ) {
      const { rows } = await sql<{ waiting: boolean }>`SELECT EXISTS (SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
          AND query LIKE ${WAITS_IN[call]}) AS waiting`.execute(kysely); // a transaction would see its first answer again
      waiting = rows[0]!.waiting;
    }
  });
  return { result: await result, bed, gone: gone!.id, stays: stays!.id };
}

test("a memory that another process is forgetting is still found, and nothing is written of it when it is gone", async () => {
  const { result, bed, gone, stays } = await whileForgetting("retrieve");
  expect(new Set(result as string[])).toEqual(new Set([gone, stays]));
  expect(await bed.as().getMemory(stays)).toMatchObject({ accessCount: 1 });
  expect(await countRows(bed.database, "memory_recall", "acme", "ann")).toBe(1);
  expect(bed.faults).toEqual([]);
  const hits = await bed.as().retrieveMemories({ sessionId: "s", query: "scan" });
  expect(hits.map(({ id }) => id)).toEqual([stays]);
});

test("a memory that another process forgets while it is associated is one that is not there", async () => {
  const { result } = await whileForgetting("associate");
  expect(result).toMatchObject({ code: "NOT_FOUND" });
});
