import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { findTerms } from "../../../src/agent-memory/retrieval/term-queries.ts";
import { termCode, textTerms } from "../../../src/agent-memory/retrieval/text-terms.ts";
import { within } from "../../../src/agent-memory/within.ts";
import { type MemoryTestBed, memoryTestBed } from "../memory-test-bed.ts";

let bed: MemoryTestBed;
beforeAll(async () => {
  bed = await memoryTestBed();
});

type Counts = Readonly<Record<"memories" | "terms" | "postings" | "rows", number | null>>;

const everything = sql<Counts>`SELECT
  (SELECT sum(memories)::int FROM duetmind.memory_term_totals) AS memories,
  (SELECT sum(terms)::int FROM duetmind.memory_term_totals) AS terms,
  (SELECT sum(octet_length(postings) / 4)::int FROM duetmind.memory_terms) AS postings,
  (SELECT count(*)::int FROM duetmind.memory_terms) AS rows`;

const operator = { identity: { tenant: "acme", agent: "ann", reach: "tenant" }, at: null } as const;

test("the index follows what is stored, changed and deleted, and ends empty", async () => {
  const { database } = bed;
  const texts = Array.from(
    { length: 300 },
    (_, i) => `note ${i} of ward ${i % 7} and ward ${i % 3}`,
  );
  const memory = bed.as();
  for (let from = 0; from < texts.length; from += 100) {
    const batch = texts.slice(from, from + 100);
    await memory.storeMemories(batch.map((content) => ({ sessionId: "long", content })));
  }
  const { rows: stored } = await within(database, operator, (db) => everything.execute(db));
  const counts = texts.map((text) => textTerms(text));
  expect(stored[0]).toMatchObject({
    memories: 300,
    terms: counts.flat().length,
    postings: counts.reduce((sum, terms) => sum + new Set(terms).size, 0),
  });

  const { rows: moved } = await within(database, operator, async (db) => {
    await sql`UPDATE duetmind.agent_memory SET scope = 'tenant', terms = '{1,1,2}'
      WHERE position % 10 = 0`.execute(db);
    return sql<{ scope: string; postings: Buffer }>`SELECT scope,
      string_agg(postings, '' ORDER BY block) AS postings FROM duetmind.memory_terms WHERE term = 1
      GROUP BY scope`.execute(db);
  });
  expect(moved).toHaveLength(1);
  const { postings } = moved[0]!;
  expect(postings).toHaveLength(4 * 30);
  for (let at = 0; at < postings.length; at += 4) {
    const posting = postings.readInt32BE(at);
    expect([(posting >> 14) & 31, posting & 16_383]).toEqual([2, 3]);
  }

  const { rows: left } = await within(database, operator, async (db) => {
    await sql`DELETE FROM duetmind.agent_memory`.execute(db);
    return everything.execute(db);
  });
  expect(left[0]).toEqual({ memories: null, terms: null, postings: null, rows: 0 });
});

test("a search reads no more postings than it may, but always those of the rarest term", async () => {
  const { database, as } = await memoryTestBed();
  const texts = Array.from({ length: 100 }, (_, i) =>
    ["clinic", i < 20 ? "scan" : "", i < 5 ? "tablet" : "", `n${i}`].join(" "),
  );
  await as().storeMemories(texts.map((content) => ({ sessionId: "words", content })));
  const identity = { tenant: "acme", agent: "ann", reach: "agent", actor: "ann" } as const;
  const place = { identity, sessionId: undefined };
  const terms = ["clinic", "scan", "tablet"].map((word) => termCode(textTerms(word)[0]!));
  const read = (budget: number) =>
    within(database, { identity, at: null }, async (db) => {
      const { postings } = await findTerms(db, place, terms, budget);
      expect(postings.map(({ memories }) => memories)).toEqual([100, 20, 5]);
      return postings.map(({ blocks }) => blocks.flatMap((block) => [...block.postings]).length);
    });
  expect(await read(125)).toEqual([100, 20, 5]);
  expect(await read(124)).toEqual([0, 20, 5]);
  expect(await read(24)).toEqual([0, 0, 5]);
  expect(await read(1)).toEqual([0, 0, 5]);
});

test("postings are seen by whom the memories are for, and written by nobody", async () => {
  const { database } = bed;
  const shared = { sessionId: "a", content: "shared syringe", scope: "tenant" } as const;
  await bed.as().storeMemories([{ sessionId: "a", content: "own scalpel" }, shared]);
  const termsSeen = async (agent: string, tenant = "acme") => {
    const identity = { tenant, agent, reach: "agent" } as const;
    return within(database, { identity, at: null }, async (db) => {
      const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n
        FROM duetmind.memory_terms`.execute(db);
      return rows[0]!.n;
    });
  };
  expect(await termsSeen("ann")).toBe(3);
  expect(await termsSeen("bob")).toBe(2);
  expect(await termsSeen("ann", "other")).toBe(0);
  await expect(
    within(database, operator, (db) =>
      sql`UPDATE duetmind.memory_terms SET postings = ''`.execute(db),
    ),
  ).rejects.toThrow("permission denied");
});
