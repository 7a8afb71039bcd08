import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "duetmind-exit-"));
afterAll(() => rmSync(root, { recursive: true }));

function exit(end: string) {
  const script = join(import.meta.dirname, "exit-while-embedding.ts");
  const words = ["--import", "tsx", script, root, end];
  const { status, signal, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  return { status, signal, stderr };
}

test("a process that exits while its threads embed ends with its own status", () => {
  for (let round = 0; round < 4; round++) {
    expect(exit("embedding")).toEqual({ status: 7, signal: null, stderr: "" });
  }
});

test("a process that exits while the model is opened ends with its own status", () => {
  for (let round = 0; round < 2; round++) {
    expect(exit("opening")).toEqual({ status: 7, signal: null, stderr: "" });
  }
});

test("a process that dies of an error while its threads embed says that error", () => {
  expect(exit("throwing")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("thrown on purpose"),
  });
});
