import { beforeAll, expect, test } from "vitest";
import { type MemoryTestBed, memoryTestBed } from "./memory-test-bed.ts";
import { countRows } from "./tables.ts";

let bed: MemoryTestBed;
beforeAll(async () => {
  bed = await memoryTestBed();
});

const lines = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, n) =>
    JSON.stringify({ session_id: `s${n % 3}`, content: `line ${n}`, ...more }),
  );

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test("lines become memories in their order, with their times and metadata", async () => {
  const memory = bed.as({ tenant: "import" });
  const line = {
    ...{ session_id: "s1", content: "Ann: the scan is on Friday", memory_type: "experience" },
    ...{ importance: 0.5, created_at: "2026-02-03T10:00:00Z", metadata: { ref: "a7" } },
    ...{ actor: "Ann", source: "chat", valid_from: "2026-02-03", valid_to: "2026-03-01T10:00:00" },
  };
  const result = await memory.importMemories([
    JSON.stringify(line),
    "",
    { ...line, content: "two" },
  ]);
  expect(result).toEqual({
    ...{ imported: 2, deduplicated: 0, expired: 0, sessions: 1 },
    ids: [expect.any(String), expect.any(String)],
  });
  expect(await memory.getMemory(result.ids[0]!)).toMatchObject({
    ...{
      sessionId: "s1",
      content: line.content,
      memoryType: "experience",
      metadata: { ref: "a7" },
    },
    ...{ actor: "Ann", source: "chat", origin: "imported", subject: null },
    validTo: new Date("2026-03-01T10:00:00Z"),
    createdAt: new Date("2026-02-03T10:00:00Z"),
    validFrom: new Date("2026-02-03T00:00:00Z"),
  });
  expect((await memory.listMemories()).items.map(({ content }) => content)).toEqual([
    "two",
    line.content,
  ]);
});

test("importing again stores nothing, strengthens nothing and embeds nothing", async () => {
  const memory = bed.as({ tenant: "twice" });
  const first = await memory.importMemories(lines(450));
  expect(first).toMatchObject({ imported: 450, deduplicated: 0, sessions: 3 });
  const embedded = bed.embedder.texts.length;
  const second = await memory.importMemories(lines(451));
  expect(second).toMatchObject({ imported: 1, deduplicated: 450, sessions: 3 });
  expect(second.ids.slice(0, 450)).toEqual(first.ids);
  expect(bed.embedder.texts.slice(embedded)).toEqual(["line 450"]);
  expect(await memory.getMemory(first.ids[0]!)).toMatchObject({ repeatCount: 0, importance: 0.5 });
});

test("equal lines of a file are one, other metadata another", async () => {
  const memory = bed.as({ tenant: "equal" });
  const result = await memory.importMemories([
    ...lines(2),
    ...lines(2),
    ...lines(2, { metadata: { a: 1 } }),
  ]);
  expect(result).toMatchObject({ imported: 4, deduplicated: 2 });
  expect(new Set(result.ids).size).toBe(4);
});

test.each([
  ["{", "line 301: expected JSON, got "],
  ["[]", "line 301: expected an object, got []"],
  ['{"session_id": "s"}', "line 301: content: expected a string, got nothing"],
  ['{"session_id": "s", "content": ""}', "line 301: content: expected a text, got an empty one"],
  [
    '{"session_id": "s", "content": "x", "importance": 3}',
    "line 301: importance: expected at most 1, got 3",
  ],
  [
    '{"session_id": "s", "content": "x", "created_at": "yesterday"}',
    "line 301: created_at: expected a time such as",
  ],
  [
    '{"session_id": "s", "content": "x", "importanc": 1}',
    'got "importanc"; did you mean "importance"?',
  ],
])("the lines before a wrong one are stored, and it is named: %s", async (wrong, message) => {
  const tenant = `wrong ${wrong}`;
  const memory = bed.as({ tenant });
  await expect(memory.importMemories([...lines(300), wrong, ...lines(1)])).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: expect.stringContaining(message),
    details: { line: 301, hint: expect.stringContaining("300 lines before it are stored") },
  });
  expect(await countRows(bed.database, "agent_memory", tenant)).toBe(300);
  expect(await countRows(bed.database, "memory_embedding", tenant)).toBe(300);
});

test("a source that fails leaves whole batches", async () => {
  async function* failing() {
    yield* lines(250);
    throw new Error("the disk is gone");
  }
  const memory = bed.as({ tenant: "failing" });
  await expect(memory.importMemories(failing())).rejects.toThrow("the disk is gone");
  const stored = await countRows(bed.database, "agent_memory", "failing");
  expect([0, 200]).toContain(stored);
  expect(await countRows(bed.database, "memory_embedding", "failing")).toBe(stored);
});

test("what an export says an import takes, into another tenant, with nothing lost", async () => {
  const from = bed.as({ tenant: "from" });
  await from.storeMemories([
    {
      sessionId: "a",
      content: "one",
      metadata: { n: 1.5 },
      importance: 0.25,
      trust: 1,
      scope: "agent",
    },
    {
      sessionId: "b",
      content: "two\nlines",
      actor: "Ben",
      subject: "p",
      source: "s",
      memoryType: "diary",
    },
    { sessionId: "a", content: "three", expiresAt: new Date("2100-01-01T00:00:00Z") },
  ]);
  const exported = await all(from.exportMemories());
  expect(exported.map(({ content }) => content)).toEqual(["one", "two\nlines", "three"]);
  const to = bed.as({ tenant: "to" });
  const ndjson = exported.map((line) => JSON.stringify(line));
  expect(await to.importMemories(ndjson)).toMatchObject({ imported: 3, sessions: 2 });
  const again = await all(to.exportMemories());
  expect(again.map(({ id: _, ...line }) => line)).toEqual(
    exported.map(({ id: _, ...line }) => line),
  );
});

test("an export of a session has that session alone; pages make no difference", async () => {
  const memory = bed.as({ tenant: "pages" });
  await memory.importMemories(lines(1_203));
  expect(await all(memory.exportMemories())).toHaveLength(1_203);
  const one = await all(memory.exportMemories({ sessionId: "s1" }));
  expect(one.map(({ content }) => content)).toEqual(
    Array.from({ length: 401 }, (_, n) => `line ${3 * n + 1}`),
  );
  await expect(all(memory.exportMemories({ sessionId: "none" }))).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});

test("a line whose expiry has passed is left out and counted", async () => {
  const memory = bed.as({ tenant: "old" });
  const result = await memory.importMemories([
    ...lines(1, { expires_at: "2020-01-01T00:00:00Z" }),
    ...lines(1, { expires_at: "2100-01-01T00:00:00+02:00" }),
  ]);
  expect(result).toMatchObject({ imported: 1, expired: 1 });
});
