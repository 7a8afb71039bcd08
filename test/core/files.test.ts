import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeFiles, publishContent } from "../../src/core/files.ts";
import { scratchFolder } from "../table/scratch.ts";

test("a published file is whole, in folders made for it, with nothing left beside it", async () => {
  const folder = join(scratchFolder(), "a", "b");
  await publishContent(nodeFiles, join(folder, "x.txt"), "hello");
  expect(readFileSync(join(folder, "x.txt"), "utf8")).toBe("hello");
  expect(readdirSync(folder)).toEqual(["x.txt"]);
});

test("a failed write keeps the old file and removes the temporary one", async () => {
  const folder = scratchFolder();
  const path = join(folder, "x.txt");
  await publishContent(nodeFiles, path, "old");
  const failing = nodeFiles.publish(path, async (temporary) => {
    await writeFile(temporary, "half");
    throw Object.assign(new Error("no space"), { code: "ENOSPC" });
  });
  await expect(failing).rejects.toMatchObject({
    code: "DISK_FULL",
    message: `${path}: expected to write the file, got the disk is full`,
  });
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(readdirSync(folder)).toEqual(["x.txt"]);
});

test("a path below a file says that it cannot be written, not how the clearing up failed", async () => {
  const file = join(scratchFolder(), "file");
  writeFileSync(file, "");
  const below = join(file, "x.txt");
  await expect(publishContent(nodeFiles, below, "a")).rejects.toMatchObject({
    code: "NOT_WRITABLE",
  });
  expect(existsSync(below)).toBe(false);
});

test("reading a missing file or a folder names what was found", async () => {
  const folder = scratchFolder();
  await expect(nodeFiles.readBytes(join(folder, "no"))).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
  });
  await expect(nodeFiles.readBytes(folder)).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
});
