import { join, relative, sep } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { localPath } from "../../src/sources/s3-local-path.ts";

const FOLDER = join(sep, "project", "objects");
const key = fc.string({ unit: "binary", minLength: 1, maxLength: 300 });

test("no key leads out of the folder, hides, or makes a glob", () => {
  fc.assert(
    fc.property(
      fc.oneof(key, fc.constantFrom("../../etc/passwd", "/a", "a//b", ".", "a/..", "*")),
      (k) => {
        const parts = relative(FOLDER, localPath(FOLDER, k)).split(sep);
        expect(parts).toHaveLength(k.split("/").length);
        for (const part of parts) {
          expect(part).toMatch(/^[A-Za-z0-9_%=+,@ -][A-Za-z0-9_.%=+,@ -]*$/);
          expect(part.length).toBeLessThanOrEqual(200);
        }
      },
    ),
  );
});

test("two keys never share a file", () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      fc.pre(a.toWellFormed() !== b.toWellFormed());
      expect(localPath(FOLDER, a)).not.toBe(localPath(FOLDER, b));
    }),
  );
});

test("an everyday key keeps its names, so that partitions can be read off the path", () => {
  const everyday = "year=2024/site=New York/part-0001.csv.gz";
  expect(localPath(FOLDER, everyday)).toBe(join(FOLDER, everyday));
});

test("a name that is too long keeps its extension", () => {
  expect(localPath(FOLDER, `${"ä".repeat(300)}.csv.gz`)).toMatch(/\/[0-9a-f]{32}\.csv\.gz$/);
});
