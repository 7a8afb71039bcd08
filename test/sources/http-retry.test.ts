import fc from "fast-check";
import { expect, test } from "vitest";
import { retryDelayMs } from "../../src/sources/http-retry.ts";

const RETRY = { attempts: 5, base_ms: 500, max_ms: 60_000 };

test("the wait doubles, half of it is chance, and it is never longer than the limit", () => {
  expect([1, 2, 3, 4].map((attempt) => retryDelayMs(attempt, undefined, RETRY, 1))).toEqual([
    500, 1000, 2000, 4000,
  ]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.double({ min: 0, max: 1 }),
      (attempt, chance) => {
        const delay = retryDelayMs(attempt, undefined, RETRY, chance || 0)!;
        const full = Math.min(RETRY.max_ms, RETRY.base_ms * 2 ** (attempt - 1));
        expect(delay).toBeGreaterThanOrEqual(full / 2);
        expect(delay).toBeLessThanOrEqual(full);
      },
    ),
  );
});

test("a server that says how long is never asked sooner; one that says too long is not asked", () => {
  expect(retryDelayMs(1, 7000, RETRY, 0)).toBe(7000);
  expect(retryDelayMs(5, 1000, RETRY, 1)).toBe(8000);
  expect(retryDelayMs(1, 60_001, RETRY, 0)).toBeUndefined();
});
