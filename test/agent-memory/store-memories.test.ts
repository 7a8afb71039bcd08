import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { type MemoryTestBed, memoryTestBed } from "./memory-test-bed.ts";

let bed: MemoryTestBed;
beforeAll(async () => {
  bed = await memoryTestBed();
});

/** What lies in the tables, whoever may see it: asked as every tenant's operator. */
async function count(table: string, tenant: string): Promise<number> {
  return bed.database.transaction(async (db) => {
    await sql`SELECT set_config('role', 'duetmind_memory', true),
      set_config('duetmind.tenant', ${tenant}, true), set_config('duetmind.reach', 'tenant', true)`.execute(
      db,
    );
    const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)}
      WHERE tenant = ${tenant}`.execute(db);
    return rows[0]!.n;
  });
}

test("a memory is there with all that was said of it when its id comes back", async () => {
  const memory = bed.as();
  const id = await memory.storeMemory({
    sessionId: "visit",
    content: "Patient shows high MMSE but APOE4 genotype",
    memoryType: "reasoning",
    importance: 0.8,
    metadata: { ref: "a7", nested: { list: [1, null, "x"] } },
    subject: "patient-1",
    source: "note",
    actor: "Ann",
    trust: 0.9,
    scope: "agent",
    validFrom: new Date("2026-01-01T00:00:00Z"),
    validTo: new Date("2026-12-31T00:00:00Z"),
    expiresAt: new Date("2027-01-01T00:00:00Z"),
    createdAt: new Date("2026-02-03T10:00:00.123Z"),
  });
  expect(await memory.getMemory(id)).toEqual({
    id,
    tenant: "acme",
    agent: "ann",
    sessionId: "visit",
    scope: "agent",
    content: "Patient shows high MMSE but APOE4 genotype",
    memoryType: "reasoning",
    importance: 0.8,
    metadata: { ref: "a7", nested: { list: [1, null, "x"] } },
    subject: "patient-1",
    source: "note",
    actor: "Ann",
    trust: 0.9,
    origin: "stored",
    createdAt: new Date("2026-02-03T10:00:00.123Z"),
    updatedAt: bed.clock.now(),
    validFrom: new Date("2026-01-01T00:00:00Z"),
    validTo: new Date("2026-12-31T00:00:00Z"),
    expiresAt: new Date("2027-01-01T00:00:00Z"),
    lastAccessed: null,
    accessCount: 0,
    repeatCount: 0,
    supersededBy: null,
  });
});

test("who said it is embedded with what was said, and the vector is the embedder's", async () => {
  const memory = bed.as({ tenant: "vectors" });
  const id = await memory.storeMemory({ sessionId: "s", content: "the scan", actor: "Ann" });
  expect(bed.embedder.texts).toContain("Ann: the scan");
  const [[expected]] = (await bed.embedder.embed(["Ann: the scan"])) as [[Float32Array]];
  await bed.database.transaction(async (db) => {
    await sql`SELECT set_config('role', 'duetmind_memory', true),
      set_config('duetmind.tenant', 'vectors', true), set_config('duetmind.reach', 'tenant', true)`.execute(
      db,
    );
    const row = await db
      .selectFrom("memory_embedding")
      .selectAll()
      .where("memory_id", "=", id)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ model_fingerprint: "words", chunk: 0, session_id: "s" });
    const kept = JSON.parse(row.embedding) as number[];
    expect(kept).toHaveLength(expected.length);
    // a server keeps 11 bits of each number, the embedded database all
    const most = bed.database.kind === "embedded" ? 0 : 2 ** -11;
    const errors = kept.map((value, i) => Math.abs(Math.fround(value) - expected[i]!));
    expect(Math.max(...errors)).toBeLessThanOrEqual(most);
  });
});

test("the same memory again is one, and stronger; other metadata or another session make another", async () => {
  const memory = bed.as({ tenant: "repeats" });
  const said = { sessionId: "s", content: "the scan is on Friday", metadata: { a: 1, b: 2 } };
  const id = await memory.storeMemory(said);
  const again = await memory.storeMemories([
    { ...said, metadata: { b: 2, a: 1 }, importance: 0.6 },
    { ...said, metadata: { a: 1 } },
    { ...said, sessionId: "t" },
    { ...said, metadata: { a: 1 } },
  ]);
  expect(again.map(({ deduplicated }) => deduplicated)).toEqual([true, false, false, true]);
  expect(again[0]!.id).toBe(id);
  expect(again[3]!.id).toBe(again[1]!.id);
  expect(new Set(again.map((each) => each.id)).size).toBe(3);
  const { importance, repeatCount } = await memory.getMemory(id);
  expect(importance).toBeCloseTo(0.64, 12);
  expect(repeatCount).toBe(1);
  expect((await memory.getMemory(again[1]!.id)).repeatCount).toBe(1);
  expect(await count("duetmind.agent_memory", "repeats")).toBe(3);
  expect(await count("duetmind.memory_embedding", "repeats")).toBe(3);
});

test("the same words are another memory in another agent's session of the same name", async () => {
  const said = { sessionId: "s", content: "the same" };
  const ids = await Promise.all([
    bed.as({ tenant: "two" }).storeMemory(said),
    bed.as({ tenant: "two", agent: "bob" }).storeMemory(said),
    bed.as({ tenant: "three" }).storeMemory(said),
  ]);
  expect(new Set(ids).size).toBe(3);
});

test("many writers of the same memories agree on one of each", async () => {
  const memory = bed.as({ tenant: "race" });
  const texts = ["one", "two", "three", "four"];
  const batches = await Promise.all(
    [0, 1, 2, 3, 4, 5].map((turn) => {
      const order = turn % 2 === 0 ? texts : [...texts].reverse();
      return memory.storeMemories(order.map((content) => ({ sessionId: `s${turn % 3}`, content })));
    }),
  );
  expect(new Set(batches.flat().map(({ id }) => id)).size).toBe(12);
  expect(batches.flat().filter(({ deduplicated }) => !deduplicated)).toHaveLength(12);
  expect(await count("duetmind.agent_memory", "race")).toBe(12);
});

test("a memory that has expired makes room for the same memory", async () => {
  const memory = bed.as({ tenant: "expired" });
  const expiresAt = new Date(bed.clock.now().getTime() + 1_000);
  const old = await memory.storeMemory({ sessionId: "s", content: "short", expiresAt });
  await bed.clock.sleep(2_000, new AbortController().signal);
  await expect(memory.getMemory(old)).rejects.toMatchObject({ code: "NOT_FOUND" });
  const [stored] = await memory.storeMemories([{ sessionId: "s", content: "short" }]);
  expect(stored!.deduplicated).toBe(false);
  expect(stored!.id).not.toBe(old);
  expect((await memory.listMemories({ sessionId: "s" })).items.map(({ id }) => id)).toEqual([
    stored!.id,
  ]);
  expect(await count("duetmind.memory_embedding", "expired")).toBe(1);
});

test("a batch is stored whole or not at all", async () => {
  const memory = bed.as({ tenant: "whole" });
  await expect(
    memory.storeMemories([
      { sessionId: "s", content: "good" },
      { sessionId: "s", content: "bad", importance: 2 },
    ]),
  ).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: "memories.1: importance: expected at most 1, got 2",
  });
  expect(await count("duetmind.agent_memory", "whole")).toBe(0);
  expect(await count("duetmind.agent_sessions", "whole")).toBe(0);
});

test("a write leaves one audit record that names the ids and not the content", async () => {
  const memory = bed.as({ tenant: "audited", actor: "auditor" });
  const stored = await memory.storeMemories([
    { sessionId: "s", content: "a secret" },
    { sessionId: "s", content: "another secret" },
  ]);
  const events = await bed.database.kysely
    .selectFrom("audit_event")
    .selectAll()
    .where("actor", "=", "auditor")
    .execute();
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({
    action: "memory.store",
    object_type: "memories",
    after: { tenant: "audited", agent: "ann", sessions: ["s"], count: 2 },
  });
  expect((events[0]!.after as { ids: string[] }).ids).toEqual(stored.map(({ id }) => id));
  expect(JSON.stringify(events)).not.toContain("secret");
});

test.each([
  [{ content: "" }, "content: expected a text, got an empty one"],
  [{ content: " \n" }, "content: expected a text, got an empty one"],
  [
    { content: "x".repeat(1_000_000) },
    "content: expected at most 262144 bytes of UTF-8, got 1000000",
  ],
  [
    { content: "a\0b" },
    "content: expected a text without control characters, got U+0000 at character 2",
  ],
  [
    { content: "\u001b[31m" },
    "content: expected a text without control characters, got U+001B at character 1",
  ],
  [
    { content: "a\ud800" },
    "content: expected whole Unicode characters, got the lone surrogate U+D800 at character 2",
  ],
  [{ importance: 1.5 }, "importance: expected at most 1, got 1.5"],
  [{ importance: -0.1 }, "importance: expected at least 0, got -0.1"],
  [{ importance: Number.NaN }, "importance: expected a number, got NaN"],
  [
    { memoryType: "Two words" },
    'memoryType: expected a short word such as "knowledge", got "Two words"',
  ],
  [{ sessionId: "" }, 'sessionId: expected at least 1 characters, got ""'],
  [
    { sessionId: "a\nb" },
    'sessionId: expected a text without control characters and lone surrogates, got "a\\nb"',
  ],
  [{ metadata: [] }, "metadata: expected an object, got []"],
  [
    { metadata: { ref: 2 ** 53 } },
    "metadata: expected what JSON can hold, got the integer 9007199254740992, whose digits may be lost",
  ],
  [
    { metadata: { a: Number.POSITIVE_INFINITY } },
    "metadata: expected what JSON can hold, got the number Infinity",
  ],
  [{ metadata: { a: new Date(0) } }, "metadata: expected what JSON can hold, got a Date"],
  [
    { metadata: { "a\0": 1 } },
    "metadata: expected what JSON can hold, got a text with U+0000, a control character, at character 2",
  ],
  [
    { metadata: { a: ["ok", "🙂\udc00"] } },
    "metadata: expected what JSON can hold, got a text with the lone surrogate U+DC00 at character 3",
  ],
  [{ metadata: { a: "x".repeat(70_000) } }, "metadata: expected at most 65536 bytes of JSON"],
  [{ scope: "world" }, 'scope: expected "session" or "agent" or "tenant", got "world"'],
  [
    { validFrom: new Date(2), validTo: new Date(1) },
    "validTo: expected a time at or after validFrom",
  ],
  [{ expiresAt: new Date("2020-01-01T00:00:00Z") }, "expiresAt: expected a time after"],
  [{ contents: "x" }, 'expected a known key, got "contents"; did you mean "content"?'],
])("what cannot be a memory is refused by name, %#", async (wrong, message) => {
  const given = { sessionId: "s", content: "good", ...wrong } as never;
  await expect(bed.as().storeMemory(given)).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: expect.stringContaining(`memory: ${message}`),
  });
});

test("metadata comes back with every key, and one key more is another memory", async () => {
  const memory = bed.as({ tenant: "keys" });
  const metadata = JSON.parse('{"__proto__": {"x": 1}, "": null}') as Record<string, unknown>;
  const id = await memory.storeMemory({ sessionId: "s", content: "one", metadata });
  expect(JSON.stringify((await memory.getMemory(id)).metadata)).toBe(
    '{"":null,"__proto__":{"x":1}}',
  );
  expect(
    await memory.storeMemory({ sessionId: "s", content: "one", metadata: { "": null } }),
  ).not.toBe(id);
});

test("line ends, tabs, emoji and the longest text that is allowed come back as they were", async () => {
  const memory = bed.as({ tenant: "texts" });
  for (const content of ["a\tb\r\nc", "🧠 naïve 北京", "é".repeat(131_072)]) {
    const id = await memory.storeMemory({ sessionId: "s", content });
    expect((await memory.getMemory(id)).content).toBe(content);
  }
});

test("a wrong memory is named by its place where there are several", async () => {
  const wrong = { sessionId: "s", content: "a", importance: 2 };
  const memory = bed.as();
  await expect(memory.storeMemories([wrong])).rejects.toThrow(/^memory: importance:/);
  const two = [{ sessionId: "s", content: "a" }, wrong];
  await expect(memory.storeMemories(two)).rejects.toThrow(/^memories\.1: importance:/);
});
