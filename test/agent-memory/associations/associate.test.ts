import fc from "fast-check";
import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { addAssociations, shortestPath } from "../../../src/agent-memory/associations/associate.ts";
import type { Memory, MemoryRelation } from "../../../src/agent-memory/memory.ts";
import { within } from "../../../src/agent-memory/within.ts";
import { type MemoryTestBed, memoryTestBed } from "../memory-test-bed.ts";

let bed: MemoryTestBed;
let ann: Memory;
beforeAll(async () => {
  bed = await memoryTestBed({ associations: { similar_above: 1.01 } });
  ann = bed.as();
});

let session = 0;
/** New memories in a session of their own. */
async function remember(...contents: string[]): Promise<string[]> {
  session += 1;
  const memories = contents.map((content) => ({ sessionId: `s${session}`, content }));
  return (await ann.storeMemories(memories)).map(({ id }) => id);
}

test("an association is written once and takes the latest strength", async () => {
  const [a, b] = await remember("rain", "wet street");
  const first = await ann.associate({ from: a!, to: b!, relation: "causal" });
  expect(first).toMatchObject({
    from: a,
    to: b,
    relation: "causal",
    strength: 1,
    isAutomatic: false,
  });
  await ann.associate({ from: a!, to: b!, relation: "causal", strength: 0.4 });
  const [related, ...others] = await ann.relatedMemories(a!);
  expect(others).toEqual([]);
  expect(related).toMatchObject({ depth: 1, strength: 0.4, memory: { content: "wet street" } });
});

test("similar and contradicts are one way round, whoever says them", async () => {
  const [a, b] = await remember("tea", "green tea");
  for (const relation of ["similar", "contradicts"] as const) {
    await ann.associate({ from: a!, to: b!, relation, strength: 0.5 });
    await ann.associate({ from: b!, to: a!, relation, strength: 0.7 });
    const related = await ann.relatedMemories(a!, { relations: [relation] });
    expect(related.map(({ path }) => path)).toMatchObject([[{ strength: 0.7, relation }]]);
  }
});

test("an association is taken away, once, and leaves the others", async () => {
  const [a, b] = (await remember("frost", "ice")) as [string, string];
  const causal = { from: a, to: b, relation: "causal" } as const;
  await ann.associate(causal);
  await ann.associate({ ...causal, relation: "supports" });
  expect(await ann.dissociate({ ...causal, from: b, to: a })).toBe(false);
  expect(await ann.dissociate({ ...causal, relation: "temporal" })).toBe(false);
  expect(await ann.dissociate({ ...causal, from: a.toUpperCase() })).toBe(true);
  expect(await ann.dissociate(causal)).toBe(false);
  expect(await ann.relatedMemories(a)).toMatchObject([{ path: [{ relation: "supports" }] }]);
  await ann.associate({ ...causal, from: b, to: a }); // no cycle any more
  const { rows } = await sql<{ actor: string; after: unknown }>`SELECT actor, after
    FROM duetmind.audit_event WHERE action = 'memory.dissociate'`.execute(bed.database.kysely);
  expect(rows).toMatchObject([
    { actor: "tester", after: { agent: "ann", relation: "causal", ids: [a, b] } },
  ]);
  await expect(ann.dissociate({ ...causal, from: "x" })).rejects.toMatchObject({
    code: "BAD_INPUT",
  });
});

test("what is similar either way round is taken away either way round", async () => {
  const [a, b] = (await remember("mint", "mint tea")) as [string, string];
  for (const [from, to] of [[a, b] as const, [b, a] as const]) {
    await ann.associate({ from: a, to: b, relation: "similar" });
    expect(await ann.dissociate({ from, to, relation: "similar" })).toBe(true);
  }
  expect(await ann.relatedMemories(a)).toEqual([]);
});

test("another's association is not taken away, and not told of", async () => {
  const [a, b] = (await remember("salt", "sea")) as [string, string];
  const ends = { from: a, to: b, relation: "supports" } as const;
  await ann.associate(ends);
  for (const stranger of [
    bed.as({ agent: "bob" }),
    bed.as({ tenant: "other", reach: "tenant" }),
    bed.as({ reach: "session" }),
  ]) {
    expect(await stranger.dissociate(ends)).toBe(false);
    expect(await stranger.dissociate({ ...ends, sessionId: "s1" })).toBe(false);
  }
  expect(await ann.relatedMemories(a)).toHaveLength(1);
  const narrow = bed.as({ reach: "session" });
  expect(await narrow.dissociate({ ...ends, sessionId: `s${session}` })).toBe(true);
});

describe("what cannot be is refused", () => {
  test("a memory with itself, a strength that is none, a relation that is none", async () => {
    const [a, b] = await remember("one", "other");
    const association = { from: a!, to: b!, relation: "causal" as MemoryRelation };
    await expect(ann.associate({ ...association, to: a! })).rejects.toThrow(
      `association: expected two memories, got ${a} twice`,
    );
    for (const strength of [-0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(ann.associate({ ...association, strength })).rejects.toMatchObject({
        code: "BAD_INPUT",
      });
    }
    const relation = "friend" as MemoryRelation;
    await expect(ann.associate({ ...association, relation })).rejects.toThrow(
      'association: relation: expected "similar" or',
    );
    expect(await ann.relatedMemories(a!)).toEqual([]);
  });

  test("a cycle of causes, of times or of parts, with the way named", async () => {
    for (const relation of ["causal", "temporal", "part-of"] as const) {
      const [a, b, c] = (await remember("a", "b", "c")) as [string, string, string];
      await ann.associate({ from: a, to: b, relation });
      await ann.associate({ from: b, to: c, relation });
      const closing = ann.associate({ from: c, to: a, relation });
      await expect(closing).rejects.toMatchObject({ code: "CONFLICT" });
      await expect(closing).rejects.toThrow(
        `association: expected no cycle of ${relation}, got ${c} → ${a} → ${b} → ${c}`,
      );
      await ann.associate({ from: c, to: a, relation: "supports" }); // another relation is free to
    }
  });

  test("another's memory, as one that never was", async () => {
    const [mine] = await remember("mine");
    const strangers = [
      bed.as({ tenant: "other" }),
      bed.as({ tenant: "other", reach: "tenant" }),
      bed.as({ agent: "bob" }),
    ];
    for (const stranger of strangers) {
      const id = await stranger.storeMemory({ sessionId: "s1", content: "theirs" });
      for (const [from, to] of [[mine!, id] as const, [id, mine!] as const]) {
        const association = { from, to, relation: "supports" } as const;
        await expect(ann.associate(association)).rejects.toThrow(
          `memory: expected the id of one that is there, got "${id}"`,
        );
        await expect(stranger.associate(association)).rejects.toMatchObject({ code: "NOT_FOUND" });
      }
      await expect(stranger.relatedMemories(mine!)).rejects.toMatchObject({ code: "NOT_FOUND" });
      const linked = {
        sessionId: "s1",
        content: "linked",
        associations: [{ to: mine!, relation: "supports" as const }],
      };
      await expect(stranger.storeMemory(linked)).rejects.toMatchObject({ code: "NOT_FOUND" });
      expect((await stranger.listMemories({ sessionId: "s1" })).items.length).toBe(1);
    }
    expect(await ann.relatedMemories(mine!)).toEqual([]);
  });

  test("two that close a cycle at once: one of them is refused", async () => {
    const ids = (await remember("a", "b", "c", "d")) as [string, string, string, string];
    const edges = ids.map((from, i) => ({
      from,
      to: ids[(i + 1) % 4]!,
      relation: "causal" as const,
    }));
    const results = await Promise.allSettled(edges.map((edge) => ann.associate(edge)));
    const refused = results.filter(({ status }) => status === "rejected");
    expect(refused.length).toBe(1);
    expect((refused[0] as PromiseRejectedResult).reason).toMatchObject({ code: "CONFLICT" });
  });
});

test("a memory is stored with its associations, or not at all", async () => {
  const [cause] = await remember("cause");
  const associations = [{ to: cause!, relation: "supports" as const, strength: 0.5 }];
  const id = await ann.storeMemory({ sessionId: "with", content: "effect", associations });
  expect(await ann.relatedMemories(id)).toMatchObject([{ strength: 0.5, memory: { id: cause } }]);
});

test("what both see may be linked, and is seen by who sees both", async () => {
  const shared = await bed
    .as({ agent: "bob" })
    .storeMemory({ sessionId: "b", content: "for all", scope: "tenant" });
  const [mine] = await remember("my own");
  await ann.associate({ from: mine!, to: shared, relation: "supports" });
  expect(await ann.relatedMemories(mine!)).toMatchObject([{ memory: { id: shared } }]);
  expect(await bed.as({ agent: "bob" }).relatedMemories(shared)).toEqual([]);
  const operator = bed.as({ agent: "ops", reach: "tenant" });
  expect(await operator.relatedMemories(shared)).toMatchObject([{ memory: { id: mine } }]);
});

/** Any graph of eight memories. */
const edges = fc.uniqueArray(
  fc.record({
    from: fc.nat(7),
    to: fc.nat(7),
    relation: fc.constantFrom<MemoryRelation>("supports", "similar", "contradicts"),
    strength: fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 20 }).map((n) => n / 20),
    ),
  }),
  { maxLength: 24, selector: ({ from, to, relation }) => [from, to].sort().join() + relation },
);

test("related: it ends, each once, no stronger than the weakest step, and the best way there is", async () => {
  await fc.assert(
    fc.asyncProperty(edges, fc.integer({ min: 1, max: 3 }), async (graph, depth) => {
      const ids = await remember(..."abcdefgh");
      const links = graph.filter(({ from, to }) => from !== to);
      await link(
        links.map(({ from, to, ...rest }) => ({ from: ids[from]!, to: ids[to]!, ...rest })),
      );
      const related = await ann.relatedMemories(ids[0]!, { depth });
      const found = related.map(({ memory }) => memory.id);
      expect(new Set(found).size).toBe(found.length);
      expect(found).not.toContain(ids[0]);
      const best = strongest(links, depth);
      expect(
        new Map(related.map(({ memory, strength }) => [ids.indexOf(memory.id), strength])),
      ).toEqual(new Map([...best].map(([id, strength]) => [id, expect.closeTo(strength, 12)])));
      for (const { strength, path, depth: steps } of related) {
        expect(path.length).toBe(steps);
        expect(steps).toBeLessThanOrEqual(depth);
        for (const step of path) expect(strength).toBeLessThanOrEqual(step.strength);
        expect(strength).toBeCloseTo(
          path.reduce((product, step) => product * step.strength, 1),
          12,
        );
      }
    }),
    { numRuns: 25 },
  );
});

/** All at once, for a graph of many would take many transactions. */
async function link(associations: Parameters<typeof addAssociations>[2]): Promise<void> {
  const identity = { tenant: "acme", agent: "ann", reach: "agent", actor: "tester" } as const;
  const now = bed.clock.now();
  await within(bed.database, { identity, at: now }, (db) =>
    addAssociations(db, identity, associations, now),
  );
}

/** The strongest way to each memory from the first, by trying every way in memory. */
function strongest(
  links: readonly Readonly<{ from: number; to: number; strength: number }>[],
  depth: number,
): Map<number, number> {
  const best = new Map<number, number>();
  const walk = (at: number, strength: number, seen: readonly number[]) => {
    if (seen.length > 1) best.set(at, Math.max(best.get(at) ?? 0, strength));
    if (seen.length > depth) return;
    for (const link of links) {
      if ((link.from !== at && link.to !== at) || link.strength < 1e-6) continue;
      const next = link.from === at ? link.to : link.from;
      if (!seen.includes(next)) walk(next, strength * link.strength, [...seen, next]);
    }
  };
  walk(0, 1, [0]);
  return best;
}

test("the way back that an error names is the shortest", () => {
  const graph = ["ab", "bc", "cd", "bd", "da"].map(([from_id, to_id]) => ({
    from_id: from_id!,
    to_id: to_id!,
  }));
  expect(shortestPath(graph, "a", "d")).toEqual(["a", "b", "d"]);
});
