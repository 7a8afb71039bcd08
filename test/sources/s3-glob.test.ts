import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toKeyPattern } from "../../src/sources/s3-glob.ts";
import { type Engine, openEngine } from "../../src/table/engine.ts";
import { lit, sql } from "../../src/table/sql.ts";

const KEYS = [
  "a",
  "b",
  "ab",
  "a.b",
  "b-1",
  "x/a",
  "x/ab",
  "x/y/a",
  "x/y/b.a",
  "xx/b",
  "x+/a",
  "(a)",
];

let engine: Engine;
const folder = mkdtempSync(join(tmpdir(), "duetmind-glob-"));
beforeAll(async () => {
  for (const key of KEYS) {
    mkdirSync(dirname(join(folder, key)), { recursive: true });
    writeFileSync(join(folder, key), "1");
  }
  engine = await openEngine();
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true });
});

/** What DuckDB finds among files of these names. */
async function found(pattern: string): Promise<string[]> {
  const rows = await engine.rows(sql`SELECT file FROM glob(${lit(join(folder, pattern))})`);
  const names = rows.map(({ file }) => relative(folder, String(file)));
  return names.filter((name) => KEYS.includes(name)).sort(); // a folder is no file
}

test("a glob of keys means what a glob of files means", async () => {
  const token = fc.constantFrom(
    "a",
    "b",
    "x",
    "y",
    ".",
    "+",
    "(",
    "*",
    "?",
    "[ab]",
    "[!a]",
    "[a-x]",
  );
  const part = fc.array(token, { minLength: 1, maxLength: 3 }).map((tokens) => tokens.join(""));
  const name = part.filter((text) => text !== "." && text !== ".." && !text.includes("**"));
  const folders = fc.array(fc.oneof(name, fc.constant("**")), { maxLength: 2 });
  const pattern = fc
    .tuple(folders, name)
    .map(([above, last]) => [...above, last].join("/"))
    .filter((text) => (text.match(/\*\*/g) ?? []).length <= 1);
  await fc.assert(
    fc.asyncProperty(pattern, async (text) => {
      const keys = KEYS.filter(toKeyPattern(text)?.matches ?? ((key) => key === text));
      expect(keys.sort()).toEqual(await found(text));
    }),
    { numRuns: 400 },
  );
});

test("a pattern asks the server only for keys that can match", () => {
  expect(toKeyPattern("year=2024/part-*.parquet")?.prefix).toBe("year=2024/part-");
  expect(toKeyPattern("year=2024/a.parquet")).toBeUndefined();
});

test("markers of folders are no files, and a key that reads like a pattern is found by its name", () => {
  expect(toKeyPattern("**")?.matches("folder/")).toBe(false);
  expect(toKeyPattern("a[1].csv")?.matches("a[1].csv")).toBe(true);
  expect(toKeyPattern("a[1].csv")?.matches("a1.csv")).toBe(true);
});
