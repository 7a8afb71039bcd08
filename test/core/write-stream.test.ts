import { execFileSync } from "node:child_process";
import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { writeStream } from "../../src/core/write-stream.ts";
import { scratchFolder } from "../table/scratch.ts";

const failing = () =>
  new Readable({
    read() {
      this.destroy(new Error("refused"));
    },
  });

test("bytes arrive whole, through what changes them too", async () => {
  const path = join(scratchFolder(), "file");
  const bytes = Buffer.alloc(300_000, "abc");
  await writeStream([Readable.from([bytes]), new PassThrough()], createWriteStream(path));
  expect(readFileSync(path).equals(bytes)).toBe(true);
});

test.each([0, 1])("a write that fails at once has ended: %i streams between", async (between) => {
  // the file of a named pipe opens when somebody reads it, so never before the source has failed
  const path = join(scratchFolder(), "pipe");
  execFileSync("mkfifo", [path]);
  const through = Array.from({ length: between }, () => new PassThrough());
  const file = createWriteStream(path);
  const events: string[] = [];
  file.on("close", () => events.push("closed"));
  const written = writeStream([failing(), ...through], file).catch((error: Error) =>
    events.push(error.message),
  );
  for (let turn = 0; turn < 100; turn++) await setImmediate();
  expect(events).toEqual([]);
  createReadStream(path).resume();
  await written;
  expect(events).toEqual(["closed", "refused"]);
});

test("a file that cannot be opened fails the write, and the source goes", async () => {
  const folder = scratchFolder();
  const source = createReadStream(import.meta.filename);
  const file = createWriteStream(join(folder, "no/such/file"));
  await expect(writeStream([source], file)).rejects.toMatchObject({ code: "ENOENT" });
  expect(source.destroyed).toBe(true);
});
