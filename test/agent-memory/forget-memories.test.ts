import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { within } from "../../src/agent-memory/within.ts";
import { type MemoryTestBed, memoryTestBed } from "./memory-test-bed.ts";
import { auditOf, countRows } from "./tables.ts";

let bed: MemoryTestBed;
beforeAll(async () => {
  bed = await memoryTestBed();
});

const { signal } = new AbortController();
const count = (table: string, tenant: string) => countRows(bed.database, table, tenant);

/** An association by hand, to see it go with its memories. */
async function associate(tenant: string, from: string, to: string): Promise<void> {
  const identity = { tenant, agent: "ann", reach: "agent" } as const;
  await within(bed.database, { identity, at: null }, (db) =>
    sql`INSERT INTO duetmind.memory_associations VALUES
      (${from}, ${to}, 'causal', ${tenant}, 1, false, 'ann', now())`.execute(db),
  );
}

test("hard: rows, vectors and associations are gone; the audit has ids and a digest, not a word", async () => {
  const memory = bed.as({ tenant: "hard", actor: "eraser" });
  const ids = (
    await memory.storeMemories([
      { sessionId: "s", content: "Ann has a secret", subject: "patient-1" },
      { sessionId: "s", content: "Ben has a secret", subject: "patient-2" },
    ])
  ).map(({ id }) => id);
  await associate("hard", ids[0]!, ids[1]!);
  expect(await memory.forgetMemories({ subject: "patient-1" }, { mode: "hard" })).toEqual({
    forgotten: 1,
    ids: [ids[0]],
  });
  await expect(memory.getMemory(ids[0]!)).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect((await memory.getMemory(ids[1]!)).content).toBe("Ben has a secret");
  expect(await count("agent_memory", "hard")).toBe(1);
  expect(await count("memory_embedding", "hard")).toBe(1);
  expect(await count("memory_associations", "hard")).toBe(0);
  expect(await count("memory_forgotten", "hard")).toBe(0);
  const records = await auditOf(bed.database, "eraser");
  const forgot = records.find(({ action }) => action === "memory.forget")!;
  expect(forgot).toMatchObject({
    object_id: ids[0],
    after: { tenant: "hard", agent: "ann", mode: "hard", ids: [ids[0]], count: 1 },
  });
  expect(forgot.after["digest"]).toMatch(/^sha256:/);
  expect(JSON.stringify(records)).not.toMatch(/secret|patient/);
});

test("asking what would be forgotten, and forgetting what is not there, leave records too", async () => {
  const memory = bed.as({ tenant: "asked", actor: "asker" });
  const id = await memory.storeMemory({ sessionId: "s", content: "kept", subject: "patient-3" });
  await memory.forgetMemories({ subject: "patient-3" }, { dryRun: true });
  await memory.forgetMemories({ subject: "patient-4" });
  const records = await auditOf(bed.database, "asker");
  const after = { tenant: "asked", agent: "ann", mode: "soft" };
  const of = (action: string) => records.find((record) => record.action === action)?.after;
  expect(of("memory.preview")).toMatchObject({ ...after, of: "forget", count: 1, ids: [id] });
  expect(of("memory.forget")).toMatchObject({ ...after, count: 0, ids: [] });
  expect(JSON.stringify(records)).not.toContain("patient");
  expect((await memory.getMemory(id)).content).toBe("kept");
});

test("soft: hidden at once with all that hung on it, kept aside, and deleted when its time has come", async () => {
  const memory = bed.as({ tenant: "soft" });
  const id = await memory.storeMemory({ sessionId: "s", content: "hidden" });
  await memory.storeMemory({ sessionId: "s", content: "stays" });
  expect(await memory.forgetMemories({ id })).toEqual({ forgotten: 1, ids: [id] });
  await expect(memory.getMemory(id)).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect((await memory.listMemories()).items.map(({ content }) => content)).toEqual(["stays"]);
  expect(await count("memory_embedding", "soft")).toBe(1);
  expect(await count("memory_forgotten", "soft")).toBe(1);
  await bed.service.upkeep();
  expect(await count("memory_forgotten", "soft")).toBe(1);
  await bed.clock.sleep(30 * 86_400_000, signal);
  expect((await bed.service.upkeep()).forgotten).toBeGreaterThanOrEqual(1);
  expect(await count("memory_forgotten", "soft")).toBe(0);
  expect(await count("agent_memory", "soft")).toBe(1);
});

test("what was forgotten softly is stored again as new, and forgotten for good by hard", async () => {
  const memory = bed.as({ tenant: "again" });
  const said = { sessionId: "s", content: "again", subject: "x" };
  const first = await memory.storeMemory(said);
  await memory.forgetMemories({ id: first });
  const [second] = await memory.storeMemories([said]);
  expect(second).toMatchObject({ deduplicated: false });
  expect(second!.id).not.toBe(first);
  const { ids } = await memory.forgetMemories({ subject: "x" }, { mode: "hard" });
  expect([...ids].sort()).toEqual([first, second!.id].sort());
  expect(await count("memory_forgotten", "again")).toBe(0);
});

test("a whole session goes with its name; parts of it leave it", async () => {
  const memory = bed.as({ tenant: "sessions" });
  await memory.storeMemories([
    { sessionId: "s", content: "one", memoryType: "reasoning" },
    { sessionId: "s", content: "two", metadata: { topic: "scan", n: 1 } },
    { sessionId: "t", content: "three" },
  ]);
  await memory.forgetMemories({ sessionId: "s", memoryTypes: ["reasoning"] });
  expect((await memory.listMemories({ sessionId: "s" })).items).toHaveLength(1);
  expect((await memory.forgetMemories({ metadata: { topic: "scan" } })).forgotten).toBe(1);
  expect((await memory.listMemories({ sessionId: "s" })).items).toHaveLength(0);
  await memory.forgetMemories({ sessionId: "s" }, { mode: "hard" });
  await expect(memory.listMemories({ sessionId: "s" })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  expect((await memory.listSessions()).items.map(({ sessionId }) => sessionId)).toEqual(["t"]);
});

test("a session that is forgotten while it is written keeps what was stored", async () => {
  const memory = bed.as({ tenant: "busy" });
  const stored: string[] = [];
  const writing = (async () => {
    for (let n = 0; n < 20; n += 1) {
      stored.push(await memory.storeMemory({ sessionId: "s", content: `memory ${n}` }));
    }
  })();
  const gone: string[] = [];
  for (let n = 0; n < 10; n += 1) {
    gone.push(...(await memory.forgetMemories({ sessionId: "s" }, { mode: "hard" })).ids);
  }
  await writing;
  const left = (await memory.listMemories()).items.map(({ id }) => id);
  expect([...gone, ...left].sort()).toEqual([...stored].sort());
});

test("a dry run says what would go and takes nothing", async () => {
  const memory = bed.as({ tenant: "dry" });
  const id = await memory.storeMemory({ sessionId: "s", content: "kept" });
  const later = new Date(bed.clock.now().getTime() + 1);
  expect(await memory.forgetMemories({ before: later }, { dryRun: true })).toEqual({
    forgotten: 1,
    ids: [id],
  });
  expect((await memory.getMemory(id)).content).toBe("kept");
  expect(
    (await memory.forgetMemories({ before: bed.clock.now() }, { dryRun: true })).forgotten,
  ).toBe(0);
});

test("expired: out of sight at once, deleted by upkeep, with a record", async () => {
  const memory = bed.as({ tenant: "expiry" });
  const expiresAt = new Date(bed.clock.now().getTime() + 1_000);
  const id = await memory.storeMemory({ sessionId: "s", content: "short-lived", expiresAt });
  await bed.service.upkeep();
  expect((await memory.getMemory(id)).content).toBe("short-lived");
  await bed.clock.sleep(1_000, signal);
  await expect(memory.getMemory(id)).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect((await memory.listMemories({ sessionId: "s" })).items).toEqual([]);
  expect((await memory.listSessions()).items[0]).toMatchObject({ memories: 0 });
  expect(await count("agent_memory", "expiry")).toBe(1);
  expect((await bed.service.upkeep()).expired).toBeGreaterThanOrEqual(1);
  expect(await count("agent_memory", "expiry")).toBe(0);
  expect(await count("memory_embedding", "expiry")).toBe(0);
  const records = await auditOf(bed.database, "duetmind");
  expect(records.filter(({ after }) => after["tenant"] === "expiry")).toEqual([
    expect.objectContaining({ action: "memory.expire", object_id: id }),
  ]);
});

test("nothing selected is not everything", async () => {
  for (const selection of [{}, { sessionId: undefined }]) {
    await expect(bed.as().forgetMemories(selection as never)).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringContaining("expected an id, a session, a subject"),
    });
  }
  await expect(bed.as().forgetMemories({ id: "x" })).rejects.toMatchObject({ code: "BAD_INPUT" });
  await expect(bed.as().forgetMemories({ everything: true } as never)).rejects.toMatchObject({
    code: "BAD_INPUT",
  });
});
