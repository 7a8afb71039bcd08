import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Memory } from "../../../src/agent-memory/memory.ts";
import { allLinked, type MemoryTestBed, memoryTestBed } from "../memory-test-bed.ts";
import { auditOf } from "../tables.ts";

const clean = { associations: { similar_above: 0.8 } };
const long = "the visit of the patient went well and the next one is planned in";

describe("near-duplicates of a session", () => {
  let bed: MemoryTestBed;
  let ann: Memory;
  let ids: string[];
  beforeEach(async () => {
    bed = await memoryTestBed(clean);
    ann = bed.as();
    const contents = [`${long} spring`, `${long} spring!`, `${long} spring 2027`, "Else"];
    const [best, ...others] = contents.map((content) => ({
      sessionId: "s",
      content,
      importance: 0.5,
    }));
    const stored = await ann.storeMemories([{ ...best!, importance: 0.9 }, ...others]);
    ids = stored.map(({ id }) => id);
  });
  const superseded = async () =>
    (await ann.listMemories({ sessionId: "s" })).items
      .filter(({ supersededBy }) => supersededBy !== null)
      .map(({ id, supersededBy }) => [id, supersededBy]);

  test("a dry run proposes and writes nothing", async () => {
    const { proposals, merged } = await ann.consolidateSession("s", { dryRun: true });
    expect(merged).toBe(0);
    expect(proposals).toEqual([
      {
        keep: ids[0],
        merge: [ids[1]],
        similarity: expect.closeTo(1, 6),
        summary: `${long} spring`,
      },
    ]);
    expect(await superseded()).toEqual([]);
    const records = await auditOf(bed.database, "tester");
    expect(records.find(({ action }) => action === "memory.preview")).toMatchObject({
      after: { of: "consolidate", session: "s", ids: [ids[0], ids[1]] },
    });
  });

  test("the best stays, the others are superseded and stay readable, and that can be undone", async () => {
    expect((await ann.consolidateSession("s")).merged).toBe(1);
    expect(await superseded()).toEqual([[ids[1], ids[0]]]);
    expect((await ann.getMemory(ids[1]!)).content).toBe(`${long} spring!`);
    expect(await ann.consolidateSession("s")).toEqual({ proposals: [], merged: 0 });
    expect(await ann.undoConsolidation(ids[0]!)).toEqual({ restored: [ids[1]] });
    expect(await superseded()).toEqual([]);
    expect(await ann.undoConsolidation(ids[0]!)).toEqual({ restored: [] });
  });

  test.each(["hard", "soft"] as const)(
    "forgetting (%s) what took their place takes them along",
    async (mode) => {
      await ann.consolidateSession("s");
      const gone = await ann.forgetMemories({ id: ids[0]! }, { mode });
      expect([...gone.ids].sort()).toEqual([ids[0], ids[1]].sort());
      const left = (await ann.listMemories({ sessionId: "s" })).items.map(({ id }) => id);
      expect(left.sort()).toEqual([ids[2], ids[3]].sort());
    },
  );

  test("another's session is not there", async () => {
    await expect(bed.as({ agent: "bob" }).consolidateSession("s")).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(bed.as({ tenant: "other" }).undoConsolidation(ids[0]!)).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

test("a summary of one's own takes the place of all, and goes when that is undone", async () => {
  const summarise = async (contents: readonly string[]) => `In short: ${contents.length} alike`;
  const bed = await memoryTestBed(clean, { summarise });
  const ann = bed.as();
  const stored = await ann.storeMemories(
    [`${long} May`, `${long} May!`].map((content) => ({ sessionId: "s", content, trust: 0.7 })),
  );
  const ids = stored.map(({ id }) => id);
  expect((await ann.consolidateSession("s")).merged).toBe(2);
  const { items } = await ann.listMemories({ sessionId: "s" });
  const summary = items.find(({ origin }) => origin === "consolidated")!;
  expect(summary).toMatchObject({ content: "In short: 2 alike", trust: 0.7 });
  expect(new Set(summary.metadata["consolidated_from"] as string[])).toEqual(new Set(ids));
  expect(items.filter(({ supersededBy }) => supersededBy === summary.id).length).toBe(2);
  const { restored } = await ann.undoConsolidation(summary.id);
  expect([...restored].sort()).toEqual([...ids].sort());
  await expect(ann.getMemory(summary.id)).rejects.toMatchObject({ code: "NOT_FOUND" });
});

describe("contradiction candidates", () => {
  let bed: MemoryTestBed;
  const claim = "he told the team that he smoking habits are";
  beforeAll(async () => {
    bed = await memoryTestBed(clean);
    const say = (content: string, other: object = {}) => ({ sessionId: "s", content, ...other });
    await bed.as().storeMemories([
      say(`${claim} started last year`, { subject: "p1" }),
      say(`${claim} stopped last year`, { subject: "p1" }),
      say(`${claim} stopped last year`, { subject: "p2" }),
      say(`${claim} stopped last year yes`, {
        subject: "p1",
        validTo: new Date("2020-01-01"),
        validFrom: new Date("2019-01-01"),
      }),
    ]);
    await allLinked(bed);
  });

  test("near, of one subject and apart in a fact; told until somebody says so", async () => {
    const found = await bed.as().contradictionCandidates({ sessionId: "s" });
    const said = await Promise.all(
      found.map(async ({ from, to, reasons }) => ({
        contents: [await bed.as().getMemory(from), await bed.as().getMemory(to)]
          .map(({ content, subject }) => `${subject}: ${content}`)
          .sort(),
        reasons,
      })),
    );
    const pair = [`p1: ${claim} started last year`, `p1: ${claim} stopped last year`];
    expect(said).toContainEqual({ contents: pair, reasons: ["opposites"] });
    expect(said.flatMap(({ contents }) => contents).join()).not.toContain("p2");
    for (const { from, to } of found) {
      await bed.as().associate({ from, to, relation: "contradicts" });
    }
    expect(await bed.as().contradictionCandidates({ sessionId: "s" })).toEqual([]);
  });

  test("of an unknown session none can be told", async () => {
    await expect(bed.as().contradictionCandidates({ sessionId: "none" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});
