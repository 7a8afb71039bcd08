import { beforeEach, expect, test } from "vitest";
import type { Memory } from "../../../src/agent-memory/memory.ts";
import { createMemoryService } from "../../../src/agent-memory/memory-service.ts";
import { type MemoryTestBed, memoryTestBed } from "../memory-test-bed.ts";
import { countRows } from "../tables.ts";

let bed: MemoryTestBed;
let memory: Memory;
beforeEach(async () => {
  bed = await memoryTestBed();
  memory = bed.as();
});

async function store(content: string, more: object = {}): Promise<string> {
  return memory.storeMemory({ sessionId: "s", content, ...more });
}

test("an access is there for the next who reads, with its time", async () => {
  const id = await store("the scan is on Friday");
  expect(await memory.getMemory(id)).toMatchObject({ accessCount: 0, lastAccessed: null });
  const [hit] = await memory.retrieveMemories({ query: "scan" });
  expect(hit).toMatchObject({ id, accessCount: 0, lastAccessed: null });
  const read = await memory.getMemory(id);
  expect(read).toMatchObject({ accessCount: 1, lastAccessed: bed.clock.now() });
  expect(read.updatedAt).toEqual(hit!.updatedAt);
  await memory.retrieveMemories({ query: "scan", touch: false });
  expect(await memory.getMemory(id)).toEqual(read);
});

test("of retrievals at one time each access counts, however many wait to be written", async () => {
  const ids = [await store("the scan is on Friday"), await store("the scan was on Monday")];
  const other = createMemoryService(bed.parts);
  const others = other.as({ tenant: "acme", agent: "ann", reach: "agent", actor: "other" });
  const asks = Array.from({ length: 300 }, (_, i) =>
    (i % 2 === 0 ? memory : others).retrieveMemories({
      query: "scan",
      ...(i % 3 === 0 ? { sessionId: "s" } : {}),
    }),
  );
  for (const hits of await Promise.all(asks)) expect(hits).toHaveLength(2);
  await other.close();
  for (const id of ids) expect(await memory.getMemory(id)).toMatchObject({ accessCount: 300 });
  expect(bed.faults).toEqual([]);
});

test("what another shares is shown, and its accesses stay those of its owner", async () => {
  const id = await store("the scan is on Friday", { scope: "tenant" });
  const bob = bed.as({ agent: "bob" });
  expect(await bob.retrieveMemories({ query: "scan" })).toHaveLength(1);
  expect(await bob.getMemory(id)).toMatchObject({ accessCount: 0 });
  await memory.retrieveMemories({ query: "scan" });
  expect(await bob.getMemory(id)).toMatchObject({ accessCount: 1 });
});

test("what an agent shares with its sessions is accessed in each of them", async () => {
  const id = await store("the scan is on Friday", { scope: "agent" });
  for (const sessionId of ["a", "b"]) {
    await memory.storeMemory({ sessionId, content: "the knee hurts" });
    const hits = await memory.retrieveMemories({ query: "scan", sessionId });
    expect(hits.map((hit) => hit.id)).toContain(id);
  }
  expect(await memory.getMemory(id)).toMatchObject({ accessCount: 2 });
  const again = await memory.storeMemories([{ sessionId: "b", content: "The scan is on Friday!" }]);
  expect(again).toMatchObject([{ id, deduplicated: true }]);
});

test("closing writes what waits, and so does some time", async () => {
  const id = await store("the scan is on Friday");
  const other = createMemoryService(bed.parts);
  const others = other.as({ tenant: "acme", agent: "ann", reach: "agent", actor: "other" });
  await others.retrieveMemories({ query: "scan" });
  await other.close();
  expect(await memory.getMemory(id)).toMatchObject({ accessCount: 1 });
  await others.retrieveMemories({ query: "scan" });
  await expect.poll(async () => (await memory.getMemory(id)).accessCount).toBe(2);
});

test("what was shown and is gone when it is to be written down is no fault", async () => {
  const id = await store("the scan is on Friday");
  await store("the scan was on Monday");
  const other = createMemoryService(bed.parts);
  const others = other.as({ tenant: "acme", agent: "ann", reach: "agent", actor: "other" });
  await others.retrieveMemories({ query: "scan" });
  await memory.forgetMemories({ id });
  await other.close();
  expect(bed.faults).toEqual([]);
  expect(await countRows(bed.database, "memory_recall", "acme", "ann")).toBe(1);
});

test("what cannot be written is reported, and the answer stands", async () => {
  const id = await store("the scan is on Friday");
  const broken = createMemoryService({
    ...bed.parts,
    database: { ...bed.database, transaction: () => Promise.reject(new Error("the disk is full")) },
  });
  const reader = broken.as({ tenant: "acme", agent: "ann", reach: "agent", actor: "other" });
  const hits = await reader.retrieveMemories({ query: "scan" });
  expect(hits.map((hit) => hit.id)).toEqual([id]);
  await broken.close();
  expect(bed.faults).toEqual([new Error("the disk is full")]);
  expect(await memory.getMemory(id)).toMatchObject({ accessCount: 0 });
});
