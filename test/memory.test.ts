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
