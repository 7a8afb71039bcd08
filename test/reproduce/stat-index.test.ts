import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { readPathState } from "../../src/reproduce/cache/path-state.ts";
import { openStatIndex } from "../../src/reproduce/cache/stat-index.ts";
import { readTables, writeTables } from "../../src/reproduce/cache/stat-table.ts";
import { storeOut } from "../../src/reproduce/cache/store-out.ts";
import { readDvcIgnore } from "../../src/reproduce/files/ignore.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "duetmind-index-"));
  mkdirSync(join(root, ".dvc"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A clock that is an hour ahead: every file is at rest. */
const late = { ...realEffects.clock, now: () => new Date(Date.now() + 3_600_000) };
const INDEX = ".dvc/tmp/duetmind-stats";

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** Hashes paths with the index as it is on disk, and saves it. */
async function look(paths: readonly string[], clock = late): Promise<(string | undefined)[]> {
  const reader = { index: openStatIndex(root, clock), ignore: readDvcIgnore(root) };
  const found = paths.map((path) => readPathState(join(root, path), reader)?.md5);
  await reader.index.save(realEffects);
  return found;
}

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** Puts other bytes of the same length into a file and its old times back: only ctime tells. */
function forge(path: string, content: string): void {
  const { atimeMs, mtimeMs } = statSync(join(root, path));
  writeFileSync(join(root, path), content);
  utimesSync(join(root, path), atimeMs / 1000, mtimeMs / 1000);
}

test("a folder's hash is that of its files, however much of it is remembered", async () => {
  const name = fc.constantFrom(
    "a",
    "b",
    "é",
    "😀",
    "ﬁ",
    "a-b",
    "sub/a",
    "sub/b",
    "sub-c",
    "sub/d/e",
  );
  const step = fc.tuple(name, fc.option(fc.constantFrom("", "one", "two"), { nil: null }));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
      for (const [path, content] of steps) {
        if (content === null) rmSync(join(root, "data", path), { force: true });
        else write(`data/${path}`, content);
      }
      write("data/keep", "");
      const known = await look(["data"]);
      const again = await look(["data"]);
      rmSync(join(root, INDEX));
      expect([known, again]).toEqual([await look(["data"]), known]);
    }),
    { numRuns: 60 },
  );
});

test("a file or member that is written again is read again, though its size and time are the old ones", async () => {
  write("file", "abc");
  write("data/a", "abc");
  write("data/b", "abc");
  const before = await look(["file", "data"]);
  forge("file", "xyz");
  forge("data/a", "xyz");
  const [file, data] = await look(["file", "data"]);
  expect(file).toBe(md5("xyz"));
  expect(data).not.toBe(before[1]);
  forge("file", "abc");
  forge("data/a", "abc");
  expect(await look(["file", "data"])).toEqual(before);
});

test("a file that was touched within the clock's granularity is not remembered", async () => {
  write("file", "abc");
  write("data/a", "abc");
  const early = { ...late, now: () => new Date(statSync(join(root, "file")).mtimeMs) };
  await look(["file", "data"], early);
  const tables = readTables(readFileSync(join(root, INDEX)))!;
  expect([...tables.get("md5:data/")!.stats]).toEqual([0, 0, 0, 0]);
  expect(tables.get("md5")!.stats).toHaveLength(0);
});

test("files hashed one by one count for their folder, and members for themselves", async () => {
  for (const name of ["a", "b"]) write(`data/${name}`, name);
  await look(["data/a", "data/b"]);
  const before = await look(["data"]);
  const tables = readTables(readFileSync(join(root, INDEX)))!;
  expect([tables.get("md5")!.names, tables.get("md5:data/")!.names]).toEqual(["", "a\0b"]);
  const index = openStatIndex(root, late);
  expect(index.find(join(root, "data/b"))).toBe(md5("b"));
  expect(index.find(join(root, "data"))).toBeNull();
  expect(await look(["data"])).toEqual(before);
});

test("what is gone is forgotten, and a cut or strange index is an empty one", async () => {
  write("file", "abc");
  write("data/a", "abc");
  const before = await look(["file", "data"]);
  const bytes = readFileSync(join(root, INDEX));
  for (const broken of [bytes.subarray(0, bytes.length - 1), Buffer.from("{}"), Buffer.alloc(99)]) {
    writeFileSync(join(root, INDEX), broken);
    expect(await look(["file", "data"])).toEqual(before);
  }
  expect(readTables(writeTables(readTables(bytes)!))).toEqual(readTables(bytes));
  rmSync(join(root, "data"), { recursive: true });
  rmSync(join(root, "file"));
  write("other", "1");
  expect(await look(["file", "data", "other"])).toEqual([undefined, undefined, md5("1")]);
  expect(
    [...readTables(readFileSync(join(root, INDEX)))!].map(([key, t]) => [key, t.names]),
  ).toEqual([
    ["md5", "other"],
    ["legacy", ""],
  ]);
});

test("linked files are read through, linked folders and ignored files are left out", async () => {
  write("data/a", "1");
  write("else/b", "2");
  const plain = await look(["data"]);
  symlinkSync("../else", join(root, "data/folder"));
  symlinkSync("nowhere", join(root, "data/broken"));
  write("data/x.tmp", "");
  write(".dvcignore", "*.tmp\n");
  expect(await look(["data"])).toEqual(plain);
  symlinkSync("../else/b", join(root, "data/b"));
  const linked = await look(["data"]);
  rmSync(join(root, "data/b"));
  write("data/b", "2");
  expect(await look(["data"])).toEqual(linked);
  write("data/.dvcignore", "");
  await expect(look(["data"])).rejects.toThrow("expected no .dvcignore inside a tracked folder");
});

test("a file that was written to just before it is stored is read again", async () => {
  write("fresh", "one");
  write("old", "two");
  const written = statSync(join(root, "fresh")).mtimeMs;
  utimesSync(join(root, "old"), written / 1000 - 10, written / 1000 - 10);
  const cacheFolder = join(root, ".dvc/cache");
  const storingTakesMs = 10_000;
  const now = () => new Date(written + (existsSync(cacheFolder) ? storingTakesMs : 0));
  const index = openStatIndex(root, { ...late, now });
  const config = { sections: new Map(), remotes: new Map() };
  const place = { index, ignore: readDvcIgnore(root), config, cacheFolder };
  for (const name of ["fresh", "old"]) await storeOut(join(root, name), null, place, ["copy"]);
  expect(index.find(join(root, "fresh"))).toBeNull();
  expect(index.find(join(root, "old"))).toBe(md5("two"));
});
