import { expect, test } from "vitest";
import { digestBytes } from "../../src/core/hash.ts";
import { compareFiles, overallVerdict } from "../../src/pipelines/verify-compare.ts";
import { largestDifference } from "../../src/pipelines/verify-predictions.ts";

const [one, two] = [digestBytes("one"), digestBytes("two")];

test("the same bytes are identical", () => {
  const files = [{ name: "features.parquet", sha256: one, content: two }];
  const links = compareFiles("features", files, files);
  expect(links).toEqual([
    { link: "features: features.parquet", expected: one, got: one, verdict: "identical" },
  ]);
  expect(overallVerdict(links)).toBe("identical");
});

test("other bytes with the same values are the work of another writer", () => {
  const then = [{ name: "features.parquet", sha256: one, content: two }];
  const now = [{ name: "features.parquet", sha256: two, content: two }];
  expect(compareFiles("features", then, now)[0]!.verdict).toBe("same content, other writer");
});

test("the whole takes the word of the first link that is not identical", () => {
  const then = ["a.json", "b.json", "c.json"].map((name) => ({ name, sha256: one }));
  const now = [
    { name: "a.json", sha256: one },
    { name: "b.json", sha256: two },
    { name: "d.json", sha256: one },
  ];
  const links = compareFiles("model", then, now);
  expect(links.map(({ link, verdict }) => `${link} ${verdict}`)).toEqual([
    "model: a.json identical",
    "model: b.json differs at b.json",
    "model: c.json missing after the rebuild",
    "model: d.json differs at d.json: it was not there before",
  ]);
  expect(overallVerdict(links)).toBe("differs at b.json");
});

test("the largest difference of two sets of predictions", () => {
  const of = (...values: number[]) => Float64Array.from(values);
  expect(largestDifference(of(), of())).toBe(0);
  expect(largestDifference(of(0.5, 0.25), of(0.5, 0.75))).toBe(0.5);
  expect(largestDifference(of(0.5), of(0.5, 0.5))).toBe(Number.POSITIVE_INFINITY);
});
