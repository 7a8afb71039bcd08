import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Candidate,
  planConsolidation,
} from "../../../src/agent-memory/life-cycle/plan-consolidation.ts";
import { extractiveSummary } from "../../../src/agent-memory/life-cycle/summarise.ts";

const candidate = (id: string, content: string, rest: Partial<Candidate> = {}): Candidate => ({
  ...{ id, content, worth: 0.5, trust: 0.5, createdAt: new Date(0), kind: "knowledge" },
  ...rest,
});
const pair = (a: string, b: string, similarity = 0.97) => ({ a, b, similarity });

test("near memories with the same facts become one, the best of them", () => {
  const all = [
    candidate("a", "the dose is 5 mg"),
    candidate("b", "The dose is 5 mg.", { worth: 0.6 }),
    candidate("c", "the dose, it is 5 mg"),
  ];
  const [cluster, ...others] = planConsolidation(all, [pair("a", "b", 0.96), pair("b", "c")]);
  expect(others).toEqual([]);
  expect(cluster!.keep.id).toBe("b");
  expect(cluster!.merge.map(({ id }) => id)).toEqual(["c", "a"]);
  expect(cluster!.similarity).toBe(0.96);
});

test("another number, a denial, an opposite or another kind keeps them apart", () => {
  const others = [
    candidate("b", "the dose is 10 mg"),
    candidate("c", "the dose is not 5 mg"),
    candidate("d", "the dose is 5 mg", { kind: "experience" }),
  ];
  for (const other of others) {
    const all = [candidate("a", "the dose is 5 mg"), other];
    expect(planConsolidation(all, [pair("a", other.id)])).toEqual([]);
  }
});

test("a group does not drift: who is near to the merged one only stays", () => {
  const all = ["a", "b", "c"].map((id, i) => candidate(id, "same", { worth: 1 - i / 10 }));
  const clusters = planConsolidation(all, [pair("a", "b"), pair("b", "c")]);
  expect(clusters.map(({ keep, merge }) => [keep.id, merge.map(({ id }) => id)])).toEqual([
    ["a", ["b"]],
  ]);
});

test("nothing is merged twice, nor kept and merged, whatever is near", () => {
  const ids = ["a", "b", "c", "d", "e", "f"];
  const anyPair = fc.record({
    a: fc.constantFrom(...ids),
    b: fc.constantFrom(...ids),
    similarity: fc.double({ min: 0.95, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(anyPair, { maxLength: 20 }), fc.array(fc.nat(9)), (pairs, worths) => {
      const all = ids.map((id, i) => candidate(id, "same", { worth: (worths[i] ?? 0) / 10 }));
      const clusters = planConsolidation(all, pairs);
      const used = clusters.flatMap(({ keep, merge }) => [keep.id, ...merge.map(({ id }) => id)]);
      expect(new Set(used).size).toBe(used.length);
      for (const { keep, merge } of clusters) {
        for (const { id, worth } of merge) {
          expect(
            pairs.some(({ a, b }) => [a, b].sort().join() === [keep.id, id].sort().join()),
          ).toBe(true);
          expect(worth).toBeLessThanOrEqual(keep.worth);
        }
      }
    }),
  );
});

test("the summary is the best as it is, with sentences that say something new", async () => {
  const best = "The dose is 5 mg. It is taken at night.";
  expect(await extractiveSummary([best, "the dose is 5 mg"])).toBe(best);
  expect(
    await extractiveSummary([best, "It is taken at night. Her daughter fetches tablets."]),
  ).toBe(`${best} Her daughter fetches tablets.`);
  expect(await extractiveSummary([])).toBe("");
});
