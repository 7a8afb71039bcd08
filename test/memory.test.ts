import { expect, test } from "vitest";
import { openMemory } from "../src/memory.ts";
import { temporaryFolder } from "./support/database.ts";

test("what an agent stores in a folder is there when the folder is opened again, for it alone", async () => {
  const root = temporaryFolder();
  const first = await openMemory({ root, env: {} });
  const id = await first.storeMemory({
    sessionId: "visit",
    content: "Patient shows high MMSE but APOE4 genotype",
    memoryType: "reasoning",
    importance: 0.8,
  });
  await first.close();
  const again = await openMemory({ root, env: {} });
  expect(await again.getMemory(id)).toMatchObject({
    ...{ tenant: "default", agent: "default", sessionId: "visit", memoryType: "reasoning" },
  });
  await expect(again.as({ agent: "other" }).getMemory(id)).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  await again.close();
});

test("whose memory it is can be said, and how far the caller sees", async () => {
  const root = temporaryFolder();
  const memory = await openMemory({ root, env: {}, tenant: "clinic", agent: "doctor" });
  const id = await memory.storeMemory({ sessionId: "s", content: "noted" });
  expect(await memory.getMemory(id)).toMatchObject({ tenant: "clinic", agent: "doctor" });
  expect((await memory.as({ agent: "head", reach: "tenant" }).getMemory(id)).id).toBe(id);
  await memory.close();
});

test("an identity that cannot be is refused, and the database is given back", async () => {
  const root = temporaryFolder();
  await expect(openMemory({ root, env: {}, agent: "" })).rejects.toMatchObject({
    code: "BAD_INPUT",
  });
  await (await openMemory({ root, env: {} })).close();
});

test("a call after close says that the memory was closed, and closing twice is closing once", async () => {
  const root = temporaryFolder();
  const memory = await openMemory({ root, env: {} });
  const other = memory.as({ agent: "other" });
  await memory.storeMemory({ sessionId: "s", content: "noted" });
  await Promise.all([memory.close(), memory.close()]);
  const closed = {
    ...{ name: "DuetMindError", code: "INTERRUPTED" },
    message: "memory: expected to be open, got one that was closed",
  };
  for (const each of [memory, other, memory.as({ agent: "late" })]) {
    await expect(each.storeMemory({ sessionId: "s", content: "late" })).rejects.toMatchObject(
      closed,
    );
    await expect(each.listSessions()).rejects.toMatchObject(closed);
    await expect(each.retrieveMemories({ query: "noted" })).rejects.toMatchObject(closed);
    const lines = async () => {
      for await (const line of each.exportMemories()) expect(line).toBeUndefined();
    };
    await expect(lines()).rejects.toMatchObject(closed);
  }
});

test("close lets calls that have begun end, and an export stop where it is", async () => {
  const root = temporaryFolder();
  const memory = await openMemory({ root, env: {} });
  await memory.storeMemory({ sessionId: "s", content: "first" });
  const lines = memory.exportMemories()[Symbol.asyncIterator]();
  expect((await lines.next()).value).toMatchObject({ content: "first" });
  const unread = memory.exportMemories()[Symbol.asyncIterator]();
  const begun = Promise.all([
    memory.storeMemory({ sessionId: "s", content: "second" }),
    memory.as({ agent: "other" }).storeMemory({ sessionId: "s", content: "another's" }),
    memory.retrieveMemories({ query: "first" }),
    memory.stats(),
    memory.importMemories([{ session_id: "s", content: "third" }]),
  ]);
  const ended: string[] = [];
  await Promise.all([
    begun.then(() => ended.push("calls")),
    memory.close().then(() => ended.push("close")),
  ]);
  expect(ended).toEqual(["calls", "close"]);
  const closed = { name: "DuetMindError", code: "INTERRUPTED" };
  await expect(lines.next()).rejects.toMatchObject(closed);
  await expect(unread.next()).rejects.toMatchObject(closed);

  const again = await openMemory({ root, env: {} });
  const { items } = await again.listMemories({ sessionId: "s" });
  expect(items.map(({ content }) => content).sort()).toEqual(["first", "second", "third"]);
  await again.close();
});
