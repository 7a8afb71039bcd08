import { sql } from "kysely";
import { beforeEach, expect, test } from "vitest";
import { linkSimilar } from "../../../src/agent-memory/associations/link-similar.ts";
import { countTasks, lockTasks } from "../../../src/agent-memory/associations/task-queries.ts";
import type { Memory } from "../../../src/agent-memory/memory.ts";
import { UPKEEP, within } from "../../../src/agent-memory/within.ts";
import { allLinked, type MemoryTestBed, memoryTestBed } from "../memory-test-bed.ts";

const never = new AbortController().signal;
let bed: MemoryTestBed;
let ann: Memory;
beforeEach(async () => {
  bed = await memoryTestBed();
  ann = bed.as();
});

const waiting = () => within(bed.database, { identity: UPKEEP, at: null }, countTasks);

const tea = "ann drinks green tea in the morning";
const moreTea = "ann drinks green tea in the evening";
const rain = "it rains in bergen";

async function similarTo(memory: Memory, id: string) {
  const related = await memory.relatedMemories(id, { depth: 1, relations: ["similar"] });
  return related.map(({ memory: { content }, strength, path }) => ({
    ...{ content, strength, isAutomatic: path[0]!.isAutomatic },
  }));
}

test("near memories of a session are linked in the background, by their cosine", async () => {
  const [a] = await ann.storeMemories(
    [tea, moreTea, rain].map((content) => ({ sessionId: "s1", content })),
  );
  await allLinked(bed);
  expect(await similarTo(ann, a!.id)).toEqual([
    { content: moreTea, strength: expect.closeTo(6 / 7, 5), isAutomatic: true },
  ]);
  expect(await waiting()).toBe(0);
  expect(bed.faults).toEqual([]);
});

test("who stores one memory is told what it is like, nearest first", async () => {
  const [a, b] = await ann.storeMemories(
    [tea, moreTea, rain].map((content) => ({ sessionId: "s1", content })),
  );
  const [stored] = await ann.storeMemories([{ sessionId: "s1", content: `${tea} early` }]);
  expect(stored!.similar).toEqual([
    { id: a!.id, similarity: expect.closeTo(7 / Math.sqrt(7 * 8), 5) },
    { id: b!.id, similarity: expect.closeTo(6 / Math.sqrt(7 * 8), 5) },
  ]);
  const [again] = await bed.as({ agent: "bob" }).storeMemories([{ sessionId: "s1", content: tea }]);
  expect(again!.similar).toEqual([]);
});

test("a link leads nowhere that the memory's own session may not look", async () => {
  const store = (memory: Memory, sessionId: string, scope: "session" | "agent" | "tenant") =>
    memory.storeMemory({ sessionId, content: `${tea} ${scope}`, scope });
  const bob = bed.as({ agent: "bob" });
  const stranger = bed.as({ tenant: "other" });
  await store(ann, "s2", "session");
  await store(ann, "s3", "agent");
  await store(bob, "s1", "session");
  await store(bob, "s1", "agent");
  await store(bob, "s1", "tenant");
  await store(stranger, "s1", "tenant");
  await allLinked(bed);
  const id = await ann.storeMemory({ sessionId: "s1", content: tea });
  await allLinked(bed);
  const seen = (await similarTo(ann, id)).map(({ content }) => content).sort();
  expect(seen).toEqual([`${tea} agent`, `${tea} tenant`]);
  const operator = bed.as({ reach: "tenant" });
  expect((await similarTo(operator, id)).map(({ content }) => content).sort()).toEqual(seen);
});

test("the threshold and the most links are settings; what somebody said stays", async () => {
  bed = await memoryTestBed({ associations: { similar_above: 0.5, most_similar: 2 } });
  ann = bed.as();
  const words = ["a b c d", "a b c e", "a b f g", "a b c h"];
  const stored = await ann.storeMemories(words.map((content) => ({ sessionId: "s", content })));
  const [from, to] = [stored[0]!.id, stored[1]!.id];
  await ann.associate({ from, to, relation: "similar", strength: 0.25 });
  await allLinked(bed);
  const related = await similarTo(ann, from);
  expect(related).toContainEqual({ content: "a b c e", strength: 0.25, isAutomatic: false });
});

test("a task stays until its links are there, and two workers do not take the same", async () => {
  const memories = Array.from({ length: 40 }, (_, i) => ({
    sessionId: "s",
    content: `${tea} ${i}`,
  }));
  await bed.service.close(); // stores, and leaves the work to others
  await ann.storeMemories(memories);
  expect(await waiting()).toBe(40);
  const interrupted = within(bed.database, { identity: UPKEEP, at: null }, async (db) => {
    expect((await lockTasks(db, bed.clock.now(), 8)).length).toBe(8);
    throw new Error("killed");
  });
  await expect(interrupted).rejects.toThrow("killed");
  expect(await waiting()).toBe(40);
  const done = await Promise.all([linkSimilar(bed.parts, never), linkSimilar(bed.parts, never)]);
  expect(done[0] + done[1]).toBe(40);
  expect(await waiting()).toBe(0);
});

test("who forgets memories that are being linked is never the one to fail", async () => {
  await bed.service.close();
  const contents = Array.from({ length: 16 }, (_, i) => `${tea} ${i}`);
  await ann.storeMemories(contents.map((content) => ({ sessionId: "s", content })));
  const operator = { tenant: "acme", agent: "ann", reach: "tenant" } as const;
  let linking: Promise<number> | undefined;
  let isLinked = false;
  let runs = 0;
  await within(bed.database, { identity: operator, at: null }, async (db) => {
    runs += 1;
    await sql`DELETE FROM duetmind.agent_memory WHERE content = ${contents[7]}`.execute(db);
    linking ??= linkSimilar(bed.parts, never).finally(() => {
      isLinked = true;
    });
    // the embedded database has one transaction at a time: there it waits before it begins
    while (bed.database.kind === "postgresql" && !isLinked) {
      const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM pg_locks
        WHERE NOT granted`.execute(db);
      if (rows[0]!.n > 0) break;
    }
    await sql`DELETE FROM duetmind.agent_memory`.execute(db);
  });
  expect(runs).toBe(1);
  await linking;
  expect(await waiting()).toBe(0);
});

test("work that cannot be done is put off and does not hold up the rest", async () => {
  await bed.service.close();
  await ann.storeMemories([{ sessionId: "s", content: tea }]);
  const fingerprint = "another model";
  // no vector of this model: nothing to link, nothing to wait for
  const other = { ...bed.parts, embedder: { ...bed.embedder, fingerprint } };
  expect(await linkSimilar(other, never)).toBe(1);
  await ann.storeMemories([{ sessionId: "s", content: moreTea }]);
  const broken = {
    ...bed.parts,
    params: {
      ...bed.parts.params,
      associations: { ...bed.parts.params.associations, most_similar: -1 },
    },
  };
  await expect(linkSimilar(broken, never)).rejects.toThrow("LIMIT");
  expect(await linkSimilar(bed.parts, never)).toBe(0);
  await bed.clock.sleep(60_000, never);
  expect(await linkSimilar(bed.parts, never)).toBe(1);
});

test("a link that somebody took away is not made again, whatever is stored then", async () => {
  const store = (content: string) => ann.storeMemory({ sessionId: "s1", content });
  const [from, to] = [await store(tea), await store(moreTea)];
  await allLinked(bed);
  expect(await ann.dissociate({ from: to, to: from, relation: "similar" })).toBe(true);
  await store(tea);
  await store(rain);
  await bed.service.upkeep();
  await allLinked(bed);
  expect(await similarTo(ann, from)).toEqual([]);
});
