import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import type { Environment } from "../../src/core/environment.ts";
import { digestBytes } from "../../src/core/hash.ts";
import type { Project } from "../../src/pipelines/project.ts";
import type { Registered } from "../../src/pipelines/register-import.ts";
import { addKnownRecords, readKnownRecords } from "../../src/pipelines/register-known.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "duetmind-known-"));
  mkdirSync(join(root, ".duetmind", "db"), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Only the root and the environment of a project matter here. */
function project(env: Environment = {}): Project {
  return { root, env } as Project;
}

const RECORD = digestBytes("a record");
const VERSION: Registered = { kind: "dataset", name: "patients", version: 1, created: false };

test("what was added is known, and what is added later joins it", async () => {
  expect(await readKnownRecords(project(), realEffects)).toEqual(new Map());
  await addKnownRecords(project(), new Map([[RECORD, [VERSION]]]), realEffects);
  const other = digestBytes("another");
  await addKnownRecords(project(), new Map([[other, []]]), realEffects);
  expect(await readKnownRecords(project(), realEffects)).toEqual(
    new Map([
      [RECORD, [VERSION]],
      [other, []],
    ]),
  );
});

test("each database has its own memory, and no password is written down", async () => {
  const url = "postgres://ann:secret@db.example:5432/mlops?sslmode=require";
  await addKnownRecords(
    project({ DATABASE_URL: url }),
    new Map([[RECORD, [VERSION]]]),
    realEffects,
  );
  expect(await readKnownRecords(project(), realEffects)).toEqual(new Map());
  const sameDatabase = "postgres://bob:other@db.example:5432/mlops";
  expect((await readKnownRecords(project({ DATABASE_URL: sameDatabase }), realEffects)).size).toBe(
    1,
  );
  const text = readFileSync(join(root, ".duetmind", "registered.json"), "utf8");
  expect(text).not.toMatch(/secret|ann|db\.example/);
});

test("an embedded database that is gone is not remembered", async () => {
  await addKnownRecords(project(), new Map([[RECORD, [VERSION]]]), realEffects);
  rmSync(join(root, ".duetmind", "db"), { recursive: true });
  expect(await readKnownRecords(project(), realEffects)).toEqual(new Map());
});

test("a memory that cannot be read is forgotten, not an error", async () => {
  for (const text of ["{", "[]", '{"schema_version":1,"databases":{"embedded":["x"]}}']) {
    writeFileSync(join(root, ".duetmind", "registered.json"), text);
    expect(await readKnownRecords(project(), realEffects)).toEqual(new Map());
  }
});
