import { sql } from "kysely";
import { expect, test } from "vitest";
import { createMemoryService } from "../../../src/agent-memory/memory-service.ts";
import { memoryParams } from "../../../src/agent-memory/params.ts";
import { within } from "../../../src/agent-memory/within.ts";
import { memoryTestBed } from "../memory-test-bed.ts";
import { wordEmbedder } from "../word-embedder.ts";

test("another model: words find what it has not embedded yet, and then its vectors are all there is", async () => {
  const bed = await memoryTestBed();
  const params = memoryParams.parse({ retrieval: { index_from: 20 } });
  const before = createMemoryService({ ...bed.parts, params });
  const owner = { tenant: "acme", agent: "ann", reach: "agent", actor: "tester" } as const;
  const said = Array.from({ length: 60 }, (_, i) => `note ${i} about subject ${i % 7}`);
  await before.as(owner).storeMemories(said.map((content) => ({ sessionId: "s", content })));
  expect((await before.as(owner).stats()).embedding).toMatchObject({ isIndexed: false });
  expect(await before.upkeep()).toMatchObject({ embedded: 0, isIndexed: true });
  expect((await before.as(owner).stats()).embedding).toMatchObject({
    isIndexed: true,
    embedded: 60,
  });

  const embedder = wordEmbedder("other words");
  const after = createMemoryService({ ...bed.parts, params, embedder });
  const ask = async () => {
    const query = { query: "note 41", sessionId: "s", limit: 3, touch: false };
    const [first] = await after.as(owner).retrieveMemories(query);
    return first!;
  };
  expect((await after.as(owner).stats()).embedding).toMatchObject({
    isIndexed: false,
    waiting: 60,
  });
  const byWords = await ask();
  expect(byWords).toMatchObject({ content: said[41], parts: { semantic: 0 } });

  expect(await after.upkeep()).toMatchObject({ embedded: 60, isIndexed: true });
  expect((await ask()).parts.semantic).toBeGreaterThan(0.5);
  const operator = { identity: { ...owner, reach: "tenant" }, at: null } as const;
  const state = await within(bed.database, operator, async (db) => {
    const vectors = await sql<{ f: string; n: number }>`SELECT model_fingerprint AS f,
      count(*)::int AS n FROM duetmind.memory_embedding GROUP BY 1`.execute(db);
    const indexes = await sql<{ n: number }>`SELECT count(*)::int AS n FROM pg_class
      WHERE relname LIKE 'memory\\_embedding\\_hnsw\\_%' AND relkind = 'i'`.execute(db);
    return { vectors: vectors.rows, indexes: indexes.rows[0]!.n };
  });
  expect(state).toEqual({ vectors: [{ f: "other words", n: 60 }], indexes: 1 });
  expect(await after.upkeep()).toMatchObject({ embedded: 0, isIndexed: true });
  await before.close();
  await after.close();
});

test("behind a command some hundreds are embedded again, and the old vectors go with the last", async () => {
  const bed = await memoryTestBed();
  const owner = { tenant: "acme", agent: "ann", reach: "agent", actor: "tester" } as const;
  const said = Array.from({ length: 260 }, (_, i) => `note ${i}`);
  await bed.as(owner).storeMemories(said.map((content) => ({ sessionId: "s", content })));
  const after = createMemoryService({ ...bed.parts, embedder: wordEmbedder("other words") });
  const waiting = async () => (await after.as(owner).stats()).embedding.waiting;
  const old = async () => (await bed.as(owner).stats()).embedding.embedded;
  await after.tidy();
  expect([await waiting(), await old()]).toEqual([60, 260]);
  await after.tidy();
  expect([await waiting(), await old()]).toEqual([0, 0]);
  await after.close();
});

test("an index of vectors comes with the statistics without which no plan takes it", async () => {
  const bed = await memoryTestBed();
  const params = memoryParams.parse({ retrieval: { index_from: 20 } });
  const service = createMemoryService({ ...bed.parts, params });
  const ann = service.as({ tenant: "acme", agent: "ann", reach: "agent", actor: "tester" });
  const said = Array.from({ length: 40 }, (_, i) => `note ${i}`);
  await ann.storeMemories(said.map((content) => ({ sessionId: "s", content })));
  const analyzed = async () => {
    const { rows } = await sql<{ at: Date | null }>`SELECT last_analyze AS at
      FROM pg_stat_user_tables WHERE relid = 'duetmind.memory_embedding'::regclass`.execute(
      bed.database.kysely,
    );
    return rows[0]!.at;
  };
  const before = await analyzed();
  expect(await service.upkeep()).toMatchObject({ isIndexed: true });
  expect(await analyzed()).not.toEqual(before);
  await service.close();
});
