import fc from "fast-check";
import { expect, test } from "vitest";
import { runSchedule, type Schedule, type Step } from "../../src/reproduce/run/scheduler.ts";

/** Steps in serial order: each waits for some of those before it. */
const steps = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 30 })
  .map((waits): Step[] =>
    waits.map((before, i) => ({
      name: `s${i}`,
      after: i === 0 ? [] : [...new Set(before.map((n) => `s${n % i}`))],
    })),
  );

type Trace = { started: string[]; ended: string[]; most: number; alone: string[] };

/** Runs a schedule whose steps end in an order that `turns` decides. */
async function trace(
  schedule: Omit<Schedule, "run">,
  failing: ReadonlySet<string>,
  turns: readonly number[],
): Promise<Trace & { blocked: readonly string[] }> {
  const seen: Trace = { started: [], ended: [], most: 0, alone: [] };
  let running = 0;
  const { blocked } = await runSchedule({
    ...schedule,
    async run(name, isAlone) {
      seen.started.push(name);
      if (isAlone) seen.alone.push(name);
      running += 1;
      seen.most = Math.max(seen.most, running);
      const turnsToWait = turns[seen.started.length % turns.length]! % 5;
      for (let i = 0; i < turnsToWait; i++) await Promise.resolve();
      running -= 1;
      seen.ended.push(name);
      return failing.has(name) ? "failed" : "done";
    },
  });
  return { ...seen, blocked };
}

const turns = fc.array(fc.nat(), { minLength: 1, maxLength: 10 });

test("each step runs once, after all it waits for, and no more at a time than jobs", async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), turns, async (list, jobs, wait) => {
      const seen = await trace({ steps: list, jobs, onError: "stop" }, new Set(), wait);
      expect(seen.started.toSorted()).toEqual(list.map(({ name }) => name).toSorted());
      expect(seen.most).toBeLessThanOrEqual(jobs);
      if (jobs === 1) expect(seen.started).toEqual(list.map(({ name }) => name));
    }),
  );
});

test("a step starts only when those it waits for have ended", async () => {
  await fc.assert(
    fc.asyncProperty(steps, turns, async (list, wait) => {
      const ended = new Set<string>();
      const after = new Map(list.map((step) => [step.name, step.after]));
      await runSchedule({
        steps: list,
        jobs: 3,
        onError: "stop",
        async run(name) {
          expect(after.get(name)!.every((before) => ended.has(before))).toBe(true);
          for (let i = 0; i < wait[0]! % 5; i++) await Promise.resolve();
          ended.add(name);
          return "done";
        },
      });
    }),
  );
});

test("keep-going leaves out exactly what needs a failed step, ignore nothing", async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), turns, async (list, n, wait) => {
      const failing = list[n % list.length]!.name;
      const needs = new Set([failing]);
      for (const step of list) if (step.after.some((name) => needs.has(name))) needs.add(step.name);
      needs.delete(failing);
      const kept = await trace(
        { steps: list, jobs: 2, onError: "keep-going" },
        new Set([failing]),
        wait,
      );
      expect(kept.blocked).toEqual([...needs]);
      expect(kept.started.toSorted()).toEqual(
        list
          .map(({ name }) => name)
          .filter((name) => !needs.has(name))
          .toSorted(),
      );
      const ignored = await trace(
        { steps: list, jobs: 2, onError: "ignore" },
        new Set([failing]),
        wait,
      );
      expect(ignored.started).toHaveLength(list.length);
    }),
  );
});

test("after a failure nothing starts, and an error waits for the steps that run", async () => {
  const list: Step[] = ["a", "b", "c"].map((name) => ({ name, after: [] }));
  const seen = await trace({ steps: list, jobs: 1, onError: "stop" }, new Set(["a"]), [0]);
  expect(seen.started).toEqual(["a"]);
  const ended: string[] = [];
  const running = runSchedule({
    steps: list,
    jobs: 2,
    onError: "stop",
    async run(name) {
      if (name === "a") throw new Error("the disk is full");
      for (let i = 0; i < 9; i++) await Promise.resolve();
      ended.push(name);
      return "done";
    },
  });
  await expect(running).rejects.toThrow("the disk is full");
  expect(ended).toEqual(["b"]);
});

test("a step is alone when nothing else runs or could start before it ends", async () => {
  const list: Step[] = [
    { name: "a", after: [] },
    { name: "b", after: ["a"] },
    { name: "c", after: ["a"] },
    { name: "d", after: ["b", "c"] },
  ];
  const seen = await trace({ steps: list, jobs: 2, onError: "stop" }, new Set(), [3]);
  expect(seen.alone).toEqual(["a", "d"]);
});
