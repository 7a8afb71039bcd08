import fc from "fast-check";
import { expect, test } from "vitest";
import { openEngine } from "../../src/table/engine.ts";
import { lit, sql } from "../../src/table/sql.ts";
import { durationNs, durationText, shownDuration } from "../../src/validation/duration.ts";

/** What pandas 3 prints of each number of nanoseconds. */
const PANDAS: readonly (readonly [bigint, string])[] = [
  [1_000_000_000n, "0 days 00:00:01"],
  [-1_000_000_000n, "-1 days +23:59:59"],
  [259_200_000_000_000n, "3 days 00:00:00"],
  [-86_400_000_000_000n, "-1 days +00:00:00"],
  [1000n, "0 days 00:00:00.000001"],
  [1n, "0 days 00:00:00.000000001"],
  [90_061_000_001_000n, "1 days 01:01:01.000001"],
  [0n, "0 days 00:00:00"],
];

test.each(PANDAS)("%s nanoseconds are written as pandas does, and read back", (ns, text) => {
  expect(durationText(ns)).toBe(text);
  expect(durationNs(text)).toBe(ns);
});

test("what a duration is written as is read as the same, and the engine shows the same", async () => {
  const engine = await openEngine({ threads: 1 });
  try {
    await fc.assert(
      fc.asyncProperty(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), async (us) => {
        const text = durationText(us * 1000n);
        expect(durationNs(text)).toBe(us * 1000n);
        const [row] = await engine.rows(
          sql`SELECT ${shownDuration(sql`to_microseconds(${lit(us)}::BIGINT)`)} AS v`,
        );
        expect(row!["v"]).toBe(text);
      }),
      { numRuns: 60 },
    );
  } finally {
    engine.close();
  }
});

test.each([
  ["2s", 2_000_000_000n],
  ["3 days", 259_200_000_000_000n],
  ["abc", undefined],
  ["", undefined],
  [true, undefined],
  [1.9, 1n],
])("%s is %s", (value, ns) => {
  expect(durationNs(value)).toBe(ns);
});
