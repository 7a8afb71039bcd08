import { expect, test } from "vitest";
import { appendVersion } from "../../src/tracking/registered-versions-tag.ts";

test("a version is added to what clients wrote", () => {
  const known = '[{"name":"a","version":"1","more":{"x":[1]}}]';
  expect(appendVersion(known, { name: 'b "c"', version: 2 })).toBe(
    '[{"name": "a", "version": "1", "more": {"x":[1]}}, {"name": "b \\"c\\"", "version": 2}]',
  );
});

test.each([undefined, "", "no list", "{}", "null"])("%j is begun anew", (known) => {
  expect(appendVersion(known, { name: "a", version: 1 })).toBe('[{"name": "a", "version": 1}]');
});

test("the oldest go when a tag is full, and it stays a list", () => {
  let value: string | undefined;
  for (let version = 1; version <= 400; version += 1) {
    value = appendVersion(value, { name: "model", version });
    expect(value.length).toBeLessThanOrEqual(8000);
  }
  const versions = JSON.parse(value!) as { version: number }[];
  expect(versions.at(-1)?.version).toBe(400);
  expect(versions[0]!.version).toBeGreaterThan(1);
});
