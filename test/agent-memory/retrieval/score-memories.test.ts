import fc from "fast-check";
import { expect, test } from "vitest";
import { bm25 } from "../../../src/agent-memory/retrieval/bm25.ts";
import { namedPeriod, nearness } from "../../../src/agent-memory/retrieval/named-period.ts";
import { retrievalParams } from "../../../src/agent-memory/retrieval/params.ts";
import {
  associationPart,
  directFit,
  lexicalPart,
  neighbourFit,
  recencyPart,
  semanticPart,
  totalScore,
} from "../../../src/agent-memory/retrieval/score-memories.ts";
import {
  namesSpeaker,
  queryWords,
  textCues,
} from "../../../src/agent-memory/retrieval/text-cues.ts";

const { weights } = retrievalParams.parse({});
const share = fc.double({ min: 0, max: 1, noNaN: true });
const DAY_MS = 86_400_000;

test("the worked example of docs/memory.md", () => {
  const direct = { cosine: 0.62, bm25: 0.4 };
  const cues = { isNamed: true, substance: 0.5, isQuestion: false };
  expect(semanticPart(direct)).toBeCloseTo(0.62, 10);
  expect(lexicalPart(direct, cues)).toBeCloseTo(0.49, 10);
  const fit = directFit({ cosine: 0.5, bm25: 0.2 }, weights);
  expect(fit).toBeCloseTo(0.3286, 4);
  const beside = neighbourFit(
    Float64Array.of(0, fit),
    Int32Array.of(1, -1),
    Int32Array.of(-1, 0),
    0,
  );
  expect(associationPart(beside, 0)).toBeCloseTo(0.0821, 4);
  const created = new Date("2026-01-30T12:00:00Z");
  const now = new Date("2026-03-01T12:00:00Z");
  expect(recencyPart(created, now, undefined, 30 * DAY_MS)).toBeCloseTo(0.5, 10);
  const parts = {
    ...{ semantic: 0.62, lexical: 0.49, association: 0.0821, importance: 0.8, recency: 0.5 },
  };
  expect(totalScore(parts, weights, false)).toBeCloseTo(0.3126, 4);
});

test("a score is 0 to 1, and no less for more of any part", () => {
  const parts = fc.record({
    ...{ semantic: share, lexical: share, association: share, importance: share, recency: share },
  });
  const names = ["semantic", "lexical", "association", "importance", "recency"] as const;
  fc.assert(
    fc.property(
      parts,
      fc.constantFrom(...names),
      share,
      fc.boolean(),
      (some, name, more, dated) => {
        const score = totalScore(some, weights, dated);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1 + 1e-12);
        const greater = { ...some, [name]: Math.max(some[name], more) };
        expect(totalScore(greater, weights, dated)).toBeGreaterThanOrEqual(score);
      },
    ),
  );
});

test("each part is 0 to 1, and no less for a nearer vector, better words, neighbours or a later day", () => {
  fc.assert(
    fc.property(
      share,
      share,
      share,
      share,
      fc.array(share, { maxLength: 4 }),
      fc.nat(5),
      (a, b, c, d, near, place) => {
        // in a row: each has the one before and the one after it
        const row = Array.from({ length: near.length + 2 }, (_, i) => i);
        const before = Int32Array.from(row, (i) => i - 1);
        const after = Int32Array.from(row, (i) => (i + 1 < row.length ? i + 1 : -1));
        const at = place % row.length;
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const cues = { isNamed: c > 0.5, substance: d, isQuestion: d > 0.5 };
        const steps = [
          (x: number) => semanticPart({ cosine: x, bm25: c }),
          (x: number) => lexicalPart({ cosine: c, bm25: x }, cues),
          (x: number) => lexicalPart({ cosine: c, bm25: d }, { ...cues, substance: x }),
          (x: number) => directFit({ cosine: x, bm25: c }, weights),
          (x: number) => neighbourFit(Float64Array.of(...near, x, d), before, after, at),
          (x: number) => associationPart(x, d),
          (x: number) => associationPart(c, x),
          (x: number) => recencyPart(new Date(x * 1e12), new Date(1e12), undefined, 30 * DAY_MS),
        ];
        for (const step of steps) {
          expect(step(high)).toBeGreaterThanOrEqual(step(low));
          expect(step(low)).toBeGreaterThanOrEqual(0);
          expect(step(high)).toBeLessThanOrEqual(1 + 1e-12);
        }
      },
    ),
  );
});

test("BM25 is what its formula gives, and counts over what is searched", () => {
  const posting = (offset: number, times: number, length: number) =>
    (offset << 19) | (times << 14) | length;
  const block = (...postings: number[]) => ({
    ...{ sessionKey: 7, first: 8_192 },
    postings: Int32Array.from(postings),
  });
  const query = [
    { term: 1, memories: 2, blocks: [block(posting(0, 3, 10), posting(8_191, 1, 30))] },
    { term: 2, memories: 1, blocks: [block(posting(8_191, 2, 30))] },
    { term: 3, memories: 0, blocks: [] },
  ];
  const fits = bm25(query, { memories: 4, terms: 80 }, { k1: 1.2, b: 0.75 });
  const [idf1, idf2] = [Math.log(1 + 2.5 / 2.5), Math.log(1 + 3.5 / 1.5)];
  const gain = (idf: number, times: number, length: number) =>
    (idf * times * 2.2) / (times + 1.2 * (0.25 + (0.75 * length) / 20));
  const most = 2.2 * (idf1 + idf2);
  expect(fits.index.size()).toBe(2);
  const scoreAt = (position: number) => fits.scores[fits.index.find(position)];
  expect(scoreAt(8_192)).toBeCloseTo(gain(idf1, 3, 10) / most, 12);
  expect(scoreAt(16_383)).toBeCloseTo((gain(idf1, 1, 30) + gain(idf2, 2, 30)) / most, 12);
});

test("a query may name a day, a month, a year, or a time before now", () => {
  const now = new Date("2026-03-01T12:00:00Z");
  const range = (query: string) => {
    const period = namedPeriod(query, now);
    if (period === undefined || "month" in period) return period;
    return [period.from, period.to].map((at) => at.toISOString().slice(0, 10)).join("/");
  };
  expect(range("what was done on 8 May, 2025?")).toBe("2025-05-08/2025-05-09");
  expect(range("the visit of May 8th 2025")).toBe("2025-05-08/2025-05-09");
  expect(range("results of 2025-05-08")).toBe("2025-05-08/2025-05-09");
  expect(range("who came in May 2025?")).toBe("2025-05-01/2025-06-01");
  expect(range("costs in 2024")).toBe("2024-01-01/2025-01-01");
  expect(range("what did he say yesterday?")).toBe("2026-02-28/2026-03-01");
  expect(range("who came in June?")).toEqual({ month: 5 });
  expect(range("may I march on?")).toBeUndefined();
  expect(range("when did she come?")).toBeUndefined();
  const may = namedPeriod("in May 2025", now)!;
  expect(nearness(new Date("2025-05-20T00:00:00Z"), may)).toBe(1);
  expect(nearness(new Date("2025-06-15T00:00:00Z"), may)).toBeCloseTo(0.5, 10);
});

test("a text tells who speaks, whether it asks, and how much it says", () => {
  expect(textCues("Ann Lee: where is it? [a photo of a cup]", null)).toMatchObject({
    ...{ speaker: "ann lee", isQuestion: true },
  });
  expect(textCues("it is here", "Bob")).toMatchObject({ speaker: "bob", isQuestion: false });
  expect(namesSpeaker(queryWords("What did Ann say?"), "ann lee")).toBe(true);
  expect(namesSpeaker(queryWords("What did Anna say?"), "ann lee")).toBe(false);
  expect(namesSpeaker(queryWords("What did anybody say?"), undefined)).toBe(false);
});
