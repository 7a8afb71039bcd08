import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { type Files, nodeFiles } from "../../src/core/files.ts";
import { majorOf } from "../../src/store/embedded-folder.ts";
import { embeddedPaths } from "../../src/store/embedded-paths.ts";
import { packFolder, unpackFolder } from "../../src/store/folder-archive.ts";
import { prepareFolder } from "../../src/store/prepare-folder.ts";
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

/** Where there is no dump nothing is opened on the way. */
function prepare(root: string, files: Files = nodeFiles): Promise<void> {
  const open = () => Promise.reject(new Error("expected no folder to be opened"));
  const options = { beforeRestore: async () => {} };
  return prepareFolder(embeddedPaths(root), open, options, { ...realEffects, files });
}

test("the snapshot is put in place for this user alone", async () => {
  const root = temporaryFolder();
  await prepare(root);
  const { folder } = embeddedPaths(root);
  expect(majorOf(folder)).toBe("18");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, "PG_VERSION")).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, "base")), "one database and no templates").toEqual(["5"]);
});

test("a disk that is full in the middle leaves no database folder", async () => {
  const root = temporaryFolder();
  const home = join(root, ".duetmind");
  const full = {
    ...nodeFiles,
    publish: <T>(path: string, _write: (temporary: string) => Promise<T>) =>
      nodeFiles.publish<T>(path, async (temporary) => {
        mkdirSync(temporary);
        await writeFile(join(temporary, "base"), "half");
        throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      }),
  };
  await expect(prepare(root, full)).rejects.toMatchObject({ code: "DISK_FULL" });
  expect(existsSync(join(home, "db"))).toBe(false);
  expect(readdirSync(home)).toEqual([]);
});

test("a folder of another PostgreSQL major without a dump is refused and left alone", async () => {
  const root = temporaryFolder();
  const { folder, backups } = embeddedPaths(root);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "PG_VERSION"), "17\n");
  await expect(prepare(root)).rejects.toMatchObject({
    code: "DATABASE_SCHEMA",
    message: `${folder}: expected a database of PostgreSQL 18 or a dump in ${backups}, got one of PostgreSQL 17 and no dump`,
  });
  expect(readdirSync(folder)).toEqual(["PG_VERSION"]);
});
