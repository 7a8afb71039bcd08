import { expect, test } from "vitest";
import { parseRetryAfter } from "../../src/core/retry-after.ts";

const NOW = new Date("2026-03-01T00:00:00Z");

test.each([
  ["120", 120_000],
  ["Sun, 01 Mar 2026 00:00:30 GMT", 30_000],
  ["Sunday, 01-Mar-26 00:00:30 GMT", 30_000],
  ["Sat, 28 Feb 2026 23:59:00 GMT", 0],
  ["soon", undefined],
  ["-5", undefined],
  ["1.5", undefined],
  [undefined, undefined],
])("Retry-After %j", (header, ms) => {
  expect(parseRetryAfter(header, NOW)).toBe(ms);
});
