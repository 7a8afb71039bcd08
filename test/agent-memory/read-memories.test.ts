import { beforeAll, expect, test } from "vitest";
import { type MemoryTestBed, memoryTestBed } from "./memory-test-bed.ts";

let bed: MemoryTestBed;
beforeAll(async () => {
  bed = await memoryTestBed();
});

test("memories are listed the latest stored first, page by page", async () => {
  const memory = bed.as({ tenant: "pages" });
  const contents = Array.from({ length: 7 }, (_, i) => `memory ${i}`);
  await memory.storeMemories(contents.map((content) => ({ sessionId: "s", content })));
  const seen: string[] = [];
  let pageToken: string | null | undefined;
  while (pageToken !== null) {
    const page = await memory.listMemories({
      sessionId: "s",
      limit: 3,
      ...(pageToken === undefined ? {} : { pageToken }),
    });
    seen.push(...page.items.map(({ content }) => content));
    pageToken = page.nextPageToken;
  }
  expect(seen).toEqual([...contents].reverse());
});

test("a page token goes on only with the list it came from", async () => {
  const memory = bed.as({ tenant: "pages" });
  const { nextPageToken } = await memory.listMemories({ sessionId: "s", limit: 1 });
  await expect(memory.listMemories({ limit: 1, pageToken: nextPageToken! })).rejects.toMatchObject({
    code: "BAD_INPUT",
  });
});

test("memories are listed by type", async () => {
  const memory = bed.as({ tenant: "types" });
  await memory.storeMemory({ sessionId: "s", content: "one", memoryType: "reasoning" });
  await memory.storeMemory({ sessionId: "s", content: "two", memoryType: "diary" });
  const { items } = await memory.listMemories({ memoryTypes: ["diary"] });
  expect(items.map(({ content }) => content)).toEqual(["two"]);
});

test("sessions are listed the last active first, with how many memories are there", async () => {
  const memory = bed.as({ tenant: "sessions" });
  const { signal } = new AbortController();
  for (const sessionId of ["a", "b", "a"]) {
    await memory.storeMemory({ sessionId, content: `at ${bed.clock.now().toISOString()}` });
    await bed.clock.sleep(1_000, signal);
  }
  const { items } = await memory.listSessions();
  expect(items.map(({ sessionId, memories }) => [sessionId, memories])).toEqual([
    ["a", 2],
    ["b", 1],
  ]);
  const first = await memory.listSessions({ limit: 1 });
  const second = await memory.listSessions({ limit: 1, pageToken: first.nextPageToken! });
  expect([...first.items, ...second.items]).toEqual(items);
});

test("a session that nobody made is not found", async () => {
  await expect(bed.as().listMemories({ sessionId: "nowhere" })).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: 'memory session: expected one that has memories, got "nowhere"',
  });
});

test.each(["0199c0de-0000-7000-8000-000000000000", "no id", "' OR true --"])(
  "a memory that is not there is not found: %s",
  async (id) => {
    await expect(bed.as().getMemory(id)).rejects.toMatchObject({ code: "NOT_FOUND" });
  },
);

test("a page of none or of too many is refused", async () => {
  await expect(bed.as().listMemories({ limit: 0 })).rejects.toThrow(
    "memories: limit: expected at least 1, got 0",
  );
  await expect(bed.as().listSessions({ limit: 1001 })).rejects.toThrow(
    "sessions: limit: expected at most 1000, got 1001",
  );
});
