import { beforeAll, expect, test } from "vitest";
import type { Memory, MemoryQuery } from "../../../src/agent-memory/memory.ts";
import { createMemoryService } from "../../../src/agent-memory/memory-service.ts";
import { memoryParams } from "../../../src/agent-memory/params.ts";
import { countTokens } from "../../../src/agent-memory/retrieval/token-budget.ts";
import { type MemoryTestBed, memoryTestBed } from "../memory-test-bed.ts";

let bed: MemoryTestBed;
let memory: Memory;
let ids: string[];

const SAID = [
  "Ann: the scan of the knee is on Friday",
  "Bob: did the doctor name a price?",
  "Ann: she did, and it was low",
  "Bob: I bought a bicycle in Utrecht",
  "Ann: the cat sleeps all day",
  "Bob: rain again, as every week",
];

beforeAll(async () => {
  bed = await memoryTestBed();
  memory = bed.as();
  const stored = await memory.storeMemories(
    SAID.map((content, i) => ({
      ...{ sessionId: "talk", content, metadata: { ref: i, tags: { even: i % 2 === 0 } } },
      ...{ memoryType: i < 3 ? "experience" : "knowledge", importance: (i + 1) / 10 },
      createdAt: new Date(Date.UTC(2025, i, 1)),
    })),
  );
  ids = stored.map(({ id }) => id);
});

const contents = async (query: Omit<MemoryQuery, "query"> & { query?: string }, of = memory) =>
  (await of.retrieveMemories({ query: "scan of the knee", sessionId: "talk", ...query })).map(
    ({ content }) => content,
  );

test("the memory that says it comes first, and its score is explained", async () => {
  const hits = await memory.retrieveMemories({ query: "when is the scan?", sessionId: "talk" });
  expect(hits[0]).toMatchObject({ rank: 1, content: SAID[0], metadata: { ref: 0 } });
  expect(hits.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6]);
  for (const { score, parts } of hits) {
    for (const value of [score, ...Object.values(parts)]) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
    }
  }
  expect(hits[0]!.parts.lexical).toBeGreaterThan(hits[1]!.parts.lexical);
  // the turn after it is lifted by it
  const after = hits.find(({ content }) => content === SAID[1])!;
  const far = hits.find(({ content }) => content === SAID[5])!;
  expect(after.parts.association).toBeGreaterThan(far.parts.association);
});

test("filters leave out what does not pass", async () => {
  expect(await contents({ memoryTypes: ["knowledge"] })).toEqual(
    expect.arrayContaining([SAID[3], SAID[4], SAID[5]]),
  );
  expect(await contents({ memoryTypes: ["knowledge"] })).toHaveLength(3);
  expect(await contents({ minImportance: 0.55 })).toEqual([SAID[5]]);
  const since = new Date("2025-02-01T00:00:00Z");
  const until = new Date("2025-03-01T00:00:00Z");
  expect(await contents({ since, until })).toEqual([SAID[1]]);
  expect(await contents({ metadata: { ref: 4 } })).toEqual([SAID[4]]);
  expect(await contents({ metadata: { tags: { even: true } } })).toHaveLength(3);
  expect(await contents({ metadata: { "ref' OR true --": 1 } })).toEqual([]);
});

test("limit and token budget cut the list at its end", async () => {
  const all = await contents({});
  expect(await contents({ limit: 2 })).toEqual(all.slice(0, 2));
  const maxTokens = all
    .slice(0, 2)
    .reduce((sum, text) => sum + countTokens(Buffer.byteLength(text)), 0);
  expect(await contents({ maxTokens })).toEqual(all.slice(0, 2));
  expect(await contents({ maxTokens: maxTokens - 1 })).toEqual(all.slice(0, 1));
});

test("the same question has the same answer, whoever asked meanwhile", async () => {
  await memory.listSessions(); // accesses of the tests before are written
  const ask = () =>
    memory.retrieveMemories({ query: "bicycle and rain", sessionId: "talk", touch: false });
  const first = await ask();
  await contents({ query: "the cat", touch: false });
  expect(await ask()).toEqual(first);
});

test("what was not valid then, or has expired, is left out unless it is asked for", async () => {
  const validTo = new Date("2026-01-01T00:00:00Z");
  const expiresAt = new Date("2026-03-02T00:00:00Z");
  await memory.storeMemories([
    { sessionId: "times", content: "the dose was 5 mg", validTo },
    { sessionId: "times", content: "the dose is 10 mg", validFrom: validTo },
    { sessionId: "times", content: "the dose for today", expiresAt },
  ]);
  const at = async (more: Omit<MemoryQuery, "query">) =>
    (await contents({ query: "dose", sessionId: "times", ...more })).sort();
  expect(await at({})).toEqual(["the dose for today", "the dose is 10 mg"]);
  expect(await at({ asOf: new Date("2025-06-01") })).toEqual([
    "the dose for today",
    "the dose was 5 mg",
  ]);
  await bed.clock.sleep(2 * 86_400_000, new AbortController().signal);
  expect(await at({})).toEqual(["the dose is 10 mg"]);
  expect(await at({ includeExpired: true })).toEqual(["the dose for today", "the dose is 10 mg"]);
});

test("nobody finds what is another's; what is shared is found", async () => {
  const bob = bed.as({ agent: "bob" });
  await bob.storeMemories([
    { sessionId: "desk", content: "the knee of bob" },
    { sessionId: "desk", content: "the knee of all", scope: "tenant" },
  ]);
  const found = async (of: Memory) =>
    (await of.retrieveMemories({ query: "knee" })).map(({ content }) => content);
  expect((await found(bob)).sort()).toEqual(["the knee of all", "the knee of bob"]);
  expect(await found(memory)).toContain("the knee of all");
  expect(await found(memory)).not.toContain("the knee of bob");
  expect(await found(bed.as({ tenant: "other" }))).toEqual([]);
  await expect(contents({ sessionId: "desk" })).rejects.toThrow("memory session: expected one");
});

test("an association lends the score of each end to the other, and brings what words do not find", async () => {
  const lent = async (query: string, to: string) => {
    const hits = await memory.retrieveMemories({ query, sessionId: "talk", withNeighbours: true });
    return hits.find(({ id }) => id === to)!.parts.association;
  };
  const asked = [
    ["scan of the knee", ids[5]!],
    ["rain again", ids[0]!],
  ] as const;
  const before = await Promise.all(asked.map(([query, to]) => lent(query, to)));
  await memory.associate({ from: ids[0]!, to: ids[5]!, relation: "causal" });
  for (const [i, [query, to]] of asked.entries()) {
    expect(await lent(query, to)).toBeGreaterThan(before[i]!);
  }
});

test("an association with what another agent shares lends too", async () => {
  const eve = bed.as({ agent: "eve" });
  const [tea] = await bed
    .as({ agent: "dan" })
    .storeMemories([{ sessionId: "pantry", content: "green tea", scope: "tenant" }]);
  const [cup] = await eve.storeMemories([{ sessionId: "shelf", content: "a blue cup" }]);
  const lent = async () => {
    const hits = await eve.retrieveMemories({ query: "green tea" });
    return hits.find(({ id }) => id === cup!.id)!.parts.association;
  };
  const before = await lent();
  await eve.associate({ from: cup!.id, to: tea!.id, relation: "part-of" });
  expect(await lent()).toBeGreaterThan(before);
});

test("the way for many memories finds what comparing each finds", async () => {
  const params = memoryParams.parse({ retrieval: { exact_up_to: 0 } });
  const service = createMemoryService({ ...bed.parts, params });
  const many = service.as({ tenant: "acme", agent: "ann", reach: "agent", actor: "tester" });
  for (const query of ["scan of the knee", "the cat", "bicycle in the rain"]) {
    const exact = await contents({ query, touch: false });
    expect((await contents({ query, touch: false }, many)).slice(0, 3)).toEqual(exact.slice(0, 3));
  }
  await service.close();
});

test("as many hits as are asked for are found among many memories", async () => {
  const params = memoryParams.parse({ retrieval: { exact_up_to: 0, candidates: 10 } });
  const service = createMemoryService({ ...bed.parts, params });
  const many = service.as({ tenant: "acme", agent: "cyd", reach: "agent", actor: "tester" });
  const texts = Array.from({ length: 300 }, (_, i) => `note ${i} of the ward`);
  await many.storeMemories(texts.map((content) => ({ sessionId: "ward", content })));
  for (const limit of [5, 10, 11, 250]) {
    const hits = await many.retrieveMemories({ query: "notes of the ward", limit, touch: false });
    expect(new Set(hits.map(({ content }) => content)).size).toBe(limit);
  }
  await service.close();
});

test.each([
  [{ query: " " }, "query: expected a text"],
  [{ query: "a\u0000" }, "query: expected a text without control characters"],
  [{ limit: 0 }, "limit"],
  [{ minImportance: Number.NaN }, "minImportance"],
  [{ sessionId: "nowhere" }, "memory session: expected one that has memories"],
])("%j is refused by name", async (query, message) => {
  await expect(contents(query)).rejects.toThrow(message);
});

test("a long text and long metadata are whole in a hit, and where the caller counts what it shows", async () => {
  const other = bed.as({ agent: "reader" });
  const long = `Is the biopsy benign? ${"every word of the report, und so weiter: ".repeat(60)}It is.`;
  const pages = Array.from({ length: 500 }, (_, i) => `page ${i * 7_919}`);
  const [stored] = await other.storeMemories([
    { sessionId: "report", content: long },
    { sessionId: "report", content: "the biopsy was on Monday", metadata: { pages } },
  ]);
  const hits = await other.retrieveMemories({ query: "is the biopsy benign?" });
  expect(hits.find(({ id }) => id === stored!.id)?.content).toBe(long);
  expect(hits.find(({ content }) => content.endsWith("Monday"))?.metadata).toEqual({ pages });
  const seen: string[] = [];
  await other.retrieveMemories({
    query: "is the biopsy benign?",
    countShown(all) {
      seen.push(...all.map(({ content }) => content));
      return 1;
    },
  });
  expect(seen).toContain(long);
});
