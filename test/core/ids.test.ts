import { expect, test } from "vitest";
import { fixedClock } from "../../src/core/clock.ts";
import { uuidV7 } from "../../src/core/ids.ts";

test("RFC 9562, appendix A.6: the example of a version 7 id", () => {
  const random = () => Buffer.from("0000000000000cc318c4dc0c0c07398f", "hex");
  expect(uuidV7(fixedClock("2022-02-22T19:22:22.000Z"), random)).toBe(
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
  );
});

test("ids sort by time and do not repeat", () => {
  const early = uuidV7(fixedClock("2026-01-01T00:00:00.000Z"));
  const late = uuidV7(fixedClock("2026-01-01T00:00:00.001Z"));
  expect(early < late).toBe(true);
  expect(uuidV7()).not.toBe(uuidV7());
  expect(uuidV7()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
