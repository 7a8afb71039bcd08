import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeFiles } from "../../src/core/files.ts";
import { majorOf, prepareFolder } from "../../src/store/embedded-folder.ts";
import { packFolder, unpackFolder } from "../../src/store/folder-archive.ts";
import { temporaryFolder } from "../support/database.ts";

test("what is packed is unpacked, empty folders and files included", () => {
  const name = fc.stringMatching(/^[a-z]{1,8}$/);
  const files = fc.dictionary(name, fc.uint8Array({ maxLength: 300 }), { maxKeys: 6 });
  fc.assert(
    fc.property(files, files, (outer, inner) => {
      const base = temporaryFolder();
      const from = join(base, "from");
      mkdirSync(join(from, "Inner", "Empty"), { recursive: true });
      for (const [file, bytes] of Object.entries(outer)) writeFileSync(join(from, file), bytes);
      for (const [file, bytes] of Object.entries(inner)) {
        writeFileSync(join(from, "Inner", file), bytes);
      }
      const packed = packFolder(from);
      unpackFolder(packed, join(base, "to"));
      expect(packFolder(join(base, "to"))).toEqual(packed);
      const paths = readdirSync(join(base, "to"), { recursive: true });
      expect(paths.sort()).toEqual(readdirSync(from, { recursive: true }).sort());
    }),
    { numRuns: 20 },
  );
});

test("the snapshot is put in place for this user alone", async () => {
  const folder = join(temporaryFolder(), ".duetmind", "db");
  await prepareFolder(folder, nodeFiles);
  expect(majorOf(folder)).toBe("18");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, "PG_VERSION")).mode & 0o777).toBe(0o600);
});

test("a disk that is full in the middle leaves no database folder", async () => {
  const home = join(temporaryFolder(), ".duetmind");
  const full = {
    ...nodeFiles,
    publish: <T>(path: string, _write: (temporary: string) => Promise<T>) =>
      nodeFiles.publish<T>(path, async (temporary) => {
        mkdirSync(temporary);
        await writeFile(join(temporary, "base"), "half");
        throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      }),
  };
  await expect(prepareFolder(join(home, "db"), full)).rejects.toMatchObject({ code: "DISK_FULL" });
  expect(existsSync(join(home, "db"))).toBe(false);
  expect(readdirSync(home)).toEqual([]);
});

test("a folder of another PostgreSQL major is refused and left alone", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "PG_VERSION"), "17\n");
  await expect(prepareFolder(folder, nodeFiles)).rejects.toMatchObject({
    code: "DATABASE_SCHEMA",
    message: `${folder}: expected a database of PostgreSQL 18, got one of PostgreSQL 17`,
  });
  expect(readdirSync(folder)).toEqual(["PG_VERSION"]);
});
