import { beforeAll, expect, test } from "vitest";
import { type MemoryTestBed, memoryTestBed } from "./memory-test-bed.ts";
import { auditOf, countRows } from "./tables.ts";

let bed: MemoryTestBed;
beforeAll(async () => {
  bed = await memoryTestBed();
});

test("what the patch says changes, the rest stays; null takes away", async () => {
  const memory = bed.as({ tenant: "patch", actor: "editor" });
  const id = await memory.storeMemory({
    sessionId: "s",
    content: "the scan is on Friday",
    subject: "p1",
    source: "note",
    validFrom: new Date("2026-01-01T00:00:00Z"),
  });
  const before = await memory.getMemory(id);
  const patch = {
    ...{ importance: 0.9, subject: null, metadata: { a: [1] } },
    ...{ scope: "tenant" as const, validTo: new Date("2026-02-01T00:00:00Z") },
  };
  expect(await memory.updateMemory(id, patch)).toEqual({ ...before, ...patch });
  expect(await memory.getMemory(id)).toEqual({ ...before, ...patch });
  expect(
    (await auditOf(bed.database, "editor")).find((record) => record.action === "memory.update"),
  ).toMatchObject({
    object_id: id,
    after: { changed: ["importance", "metadata", "scope", "subject", "validTo"] },
  });
});

test("new words get new vectors, and only then", async () => {
  const memory = bed.as({ tenant: "words" });
  const id = await memory.storeMemory({ sessionId: "s", content: "old words", actor: "Ann" });
  const embedded = bed.embedder.texts.length;
  await memory.updateMemory(id, { importance: 0.1 });
  expect(bed.embedder.texts).toHaveLength(embedded);
  await memory.updateMemory(id, { content: "new words" });
  expect(bed.embedder.texts.slice(embedded)).toEqual(["Ann: new words"]);
  expect(await countRows(bed.database, "memory_embedding", "words")).toBe(1);
  const again = await memory.storeMemories([
    { sessionId: "s", content: "old words", actor: "Ann" },
  ]);
  expect(again[0]!.deduplicated).toBe(false);
});

test("two that change the words at once both succeed, one after the other", async () => {
  const memory = bed.as({ tenant: "both" });
  const id = await memory.storeMemory({ sessionId: "s", content: "words" });
  await Promise.all([
    memory.updateMemory(id, { content: "other words" }),
    memory.updateMemory(id, { actor: "Ben" }),
  ]);
  expect(await memory.getMemory(id)).toMatchObject({ content: "other words", actor: "Ben" });
  expect(bed.embedder.texts).toContain("Ben: other words");
  expect(await countRows(bed.database, "memory_embedding", "both")).toBe(1);
});

test("a memory cannot become equal to another of its session", async () => {
  const memory = bed.as({ tenant: "equal" });
  await memory.storeMemory({ sessionId: "s", content: "one" });
  const id = await memory.storeMemory({ sessionId: "s", content: "two" });
  await expect(memory.updateMemory(id, { content: "one" })).rejects.toMatchObject({
    code: "CONFLICT",
  });
  expect((await memory.getMemory(id)).content).toBe("two");
});

test("what cannot be is refused, and nothing changes", async () => {
  const memory = bed.as({ tenant: "bad" });
  const validFrom = new Date("2026-01-01T00:00:00Z");
  const id = await memory.storeMemory({ sessionId: "s", content: "kept", validFrom });
  const before = await memory.getMemory(id);
  const wrong = [
    { importance: Number.NaN },
    { content: "" },
    { memoryType: null },
    { validTo: new Date("2025-01-01T00:00:00Z") },
    { expiresAt: new Date("2020-01-01T00:00:00Z") },
    { sessionId: "t" },
  ];
  for (const patch of wrong) {
    await expect(memory.updateMemory(id, patch as never)).rejects.toMatchObject({
      code: "BAD_INPUT",
    });
  }
  expect(await memory.getMemory(id)).toEqual(before);
});

test("a shared memory is read by the other agent and changed by its own only", async () => {
  const ann = bed.as({ tenant: "shared" });
  const bob = bed.as({ tenant: "shared", agent: "bob" });
  const id = await ann.storeMemory({ sessionId: "s", content: "for all", scope: "tenant" });
  expect((await bob.getMemory(id)).content).toBe("for all");
  await expect(bob.updateMemory(id, { importance: 1 })).rejects.toMatchObject({
    code: "PERMISSION_DENIED",
  });
  expect((await bob.forgetMemories({ id }, { mode: "hard" })).forgotten).toBe(0);
  await ann.updateMemory(id, { scope: "session" });
  await expect(bob.getMemory(id)).rejects.toMatchObject({ code: "NOT_FOUND" });
});
