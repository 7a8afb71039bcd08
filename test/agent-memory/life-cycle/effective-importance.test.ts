import fc from "fast-check";
import { expect, test } from "vitest";
import { effectiveImportance } from "../../../src/agent-memory/life-cycle/effective-importance.ts";
import { lifeCycleParams } from "../../../src/agent-memory/life-cycle/params.ts";

const DAY = 86_400_000;
const now = new Date("2026-06-01T00:00:00Z");
const params = lifeCycleParams.parse({});
const share = fc.double({ min: 0, max: 1, noNaN: true });

const memory = fc.record({
  importance: share,
  memoryType: fc.constantFrom("reasoning", "experience", "knowledge", "dream", "other", "toString"),
  createdAt: fc.date({ min: new Date(0), max: new Date("2027-01-01"), noInvalidDate: true }),
  lastAccessed: fc.option(
    fc.date({ min: new Date(0), max: new Date("2027-01-01"), noInvalidDate: true }),
  ),
  accessCount: fc.nat({ max: 1_000_000 }),
});
const anyParams = fc
  .record({ floor: share, reinforcement: share })
  .map((given) => lifeCycleParams.parse(given));

test("it lies within 0 and 1", () => {
  fc.assert(
    fc.property(memory, anyParams, (each, settings) => {
      const worth = effectiveImportance(each, now, settings);
      expect(worth).toBeGreaterThanOrEqual(0);
      expect(worth).toBeLessThanOrEqual(1);
    }),
  );
});

test("it never grows by waiting", () => {
  fc.assert(
    fc.property(memory, anyParams, fc.nat({ max: 4000 * DAY }), (each, settings, wait) => {
      const later = new Date(now.getTime() + wait);
      expect(effectiveImportance(each, later, settings)).toBeLessThanOrEqual(
        effectiveImportance(each, now, settings) + 1e-12,
      );
    }),
  );
});

test("it never falls by more importance or another access", () => {
  fc.assert(
    fc.property(memory, anyParams, share, (each, settings, importance) => {
      const worth = effectiveImportance(each, now, settings) - 1e-12;
      const raised = { ...each, importance: Math.max(importance, each.importance) };
      expect(effectiveImportance(raised, now, settings)).toBeGreaterThanOrEqual(worth);
      const read = { ...each, accessCount: each.accessCount + 1 };
      expect(effectiveImportance(read, now, settings)).toBeGreaterThanOrEqual(worth);
    }),
  );
});

test("access makes up for no more than its share", () => {
  fc.assert(
    fc.property(memory, anyParams, (each, settings) => {
      const unread = effectiveImportance({ ...each, accessCount: 0 }, now, settings);
      const worn = effectiveImportance({ ...each, accessCount: 1e9 }, now, settings);
      expect(worn).toBeLessThanOrEqual(unread + (1 - unread) * settings.reinforcement + 1e-12);
    }),
  );
});

test("the worked example: half of what can go is gone after a half-life", () => {
  const created = (days: number) => ({
    importance: 0.8,
    memoryType: "knowledge",
    createdAt: new Date(now.getTime() - days * DAY),
    lastAccessed: null,
    accessCount: 0,
  });
  expect(effectiveImportance(created(0), now, params)).toBe(0.8);
  expect(effectiveImportance(created(365), now, params)).toBeCloseTo(0.48, 12);
  expect(effectiveImportance(created(365_000), now, params)).toBeCloseTo(0.16, 12);
  const read = { ...created(900), importance: 0.5, lastAccessed: now, accessCount: 1e6 };
  expect(effectiveImportance(read, now, params)).toBeCloseTo(0.65, 12);
});
