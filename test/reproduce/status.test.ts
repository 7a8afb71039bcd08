import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { readStatus } from "../../src/reproduce/compare/status/status.ts";
import { toStatusJson, toStatusText } from "../../src/reproduce/compare/status/status-text.ts";
import { openRepository } from "../../src/reproduce/files/repository.ts";
import { type StatusRecord, writeFiles } from "../interop/dvc-status.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const RECORDS = readFileSync(
  join(import.meta.dirname, "../interop/dvc-3.67.1/status.ndjson"),
  "utf8",
)
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as StatusRecord);

async function status(record: StatusRecord, root: string) {
  const cwd = join(root, record.folder);
  const repository = await openRepository(cwd, { HOME: root }, realEffects);
  const options = { targets: record.args, recursive: false, withDeps: false };
  return readStatus(repository, options, realEffects);
}

test.each(RECORDS)("$name: as DVC says it, with an index and without", async (record) => {
  const root = mkdtempSync(join(tmpdir(), "duetmind-status-"));
  folders.push(root);
  for (let look = 0; look < 3; look++) {
    writeFiles(root, record.files); // a look removes damaged objects
    const report = await status(record, root);
    expect(toStatusJson(report)).toEqual(record.json);
    const lines = (text: string) => text.trimEnd().split("\n").sort(); // stages come as the folder lists them
    expect(lines(toStatusText(report))).toEqual(lines(record.text.replace(/\nSee <.*\n/, "\n")));
  }
});

test("the records hold every word that status has", () => {
  const said = JSON.stringify(RECORDS.map(({ json }) => json));
  for (const word of ["modified", "deleted", "new", "not in cache"])
    expect(said).toContain(`"${word}"`);
  for (const word of ["always changed", "changed command", "changed checksum"]) {
    expect(said).toContain(`"${word}"`);
  }
});
