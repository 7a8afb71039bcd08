import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { findByListing, type KeyIndex } from "../../../src/reproduce/remote/find-by-listing.ts";

const PAGE = 1000;

/** A bucket that counts what it is asked: a page of a list is a request, as a head is. */
function countingIndex(stored: ReadonlyMap<string, number>) {
  const keys = [...stored.keys()].sort();
  const asked = { heads: 0, pages: 0 };
  const index: KeyIndex = {
    async head(key) {
      asked.heads += 1;
      return stored.get(key);
    },
    async *list(prefix) {
      const listed = keys.filter((key) => key.startsWith(prefix));
      for (const [i, key] of listed.entries()) {
        if (i % PAGE === 0) asked.pages += 1;
        yield { key, sizeBytes: stored.get(key)! };
      }
      if (listed.length === 0) asked.pages += 1;
    },
  };
  return { index, asked };
}

function objectKeys(count: number, salt: string): string[] {
  return Array.from({ length: count }, (_, i) => {
    const hex = createHash("md5").update(`${salt}${i}`).digest("hex");
    return `p/files/md5/${hex.slice(0, 2)}/${hex.slice(2)}`;
  });
}

test("whatever way is taken, exactly the keys that are there are found, with their sizes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(60),
      fc.nat(60),
      fc.nat(3000),
      fc.integer({ min: 1, max: 40 }),
      async (there, absent, others, jobs) => {
        const wanted = [...objectKeys(there, "there"), "p/ab/legacy"];
        const stored = new Map([...wanted, ...objectKeys(others, "other")].map((k, i) => [k, i]));
        const { index } = countingIndex(stored);
        const keys = [...wanted, ...objectKeys(absent, "absent"), "p/ab/none"];
        const found = await findByListing(keys, jobs, index, "p/");
        expect([...found].sort()).toEqual(wanted.map((key) => [key, stored.get(key)]).sort());
      },
    ),
    { numRuns: 40 },
  );
});

test("many objects of a remote of about as many are found by lists", async () => {
  const keys = objectKeys(20_000, "k");
  const { index, asked } = countingIndex(new Map(keys.map((key) => [key, 1])));
  expect((await findByListing(keys, 8, index, "p/")).size).toBe(20_000);
  expect(asked.heads).toBe(0);
  expect(asked.pages).toBeLessThan(300); // one list for each two digits, or twenty pages
});

test("a few objects of a large remote are asked for one by one", async () => {
  const stored = objectKeys(100_000, "k");
  const { index, asked } = countingIndex(new Map(stored.map((key) => [key, 1])));
  const keys = [...stored.slice(0, 20), ...objectKeys(10, "absent")];
  expect((await findByListing(keys, 8, index, "p/")).size).toBe(20);
  expect(asked.heads).toBe(30);
  expect(asked.pages).toBeLessThan(3);
});
