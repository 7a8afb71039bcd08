import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixedClock } from "../../src/core/clock.ts";
import { realEffects } from "../../src/core/effects.ts";
import { registerAfterStage } from "../../src/pipelines/register-after-stage.ts";
import { registerRecords } from "../../src/pipelines/register-records.ts";
import { testDatabaseEnv } from "../support/database.ts";
import { projectWithRecords, writeStages } from "./register-project.ts";

const effects = { ...realEffects, clock: fixedClock("2026-11-23T10:00:05Z") };
const journal = { command: "duetmind train", startedAt: new Date("2026-11-23T10:00:00Z") };
const TRAIN = { stage: "train", recordPath: "models/risk/train.record.json", journal } as const;
const DATA = { stage: "data", recordPath: "data/raw/data.record.json", journal } as const;

test("a stage registers its record and those before it, and says what it is called now", async () => {
  const project = projectWithRecords(await testDatabaseEnv());
  const { registered, deferred } = await registerAfterStage(project, TRAIN, effects);
  expect(deferred).toBe(false);
  expect(registered).toMatchObject([{ kind: "model", name: "risk", version: 1, created: true }]);
});

test("a record of a later stage, left from other inputs, does not stop an earlier stage", async () => {
  const project = projectWithRecords(await testDatabaseEnv());
  rmSync(join(project.root, "data/processed/features.record.json"));
  const { registered } = await registerAfterStage(project, DATA, effects);
  expect(registered).toMatchObject([{ kind: "dataset", name: "patients", version: 1 }]);
});

test("with nothing new no database is opened, and the answer is the same", async () => {
  const env = await testDatabaseEnv();
  const project = projectWithRecords(env);
  const first = await registerAfterStage(project, TRAIN, effects);
  const nowhere = { DATABASE_URL: "postgres://127.0.0.1:1/nowhere" };
  const memory = join(project.root, ".duetmind", "registered.json");
  expect(existsSync(memory)).toBe(true);
  const before = readFileSync(memory, "utf8");
  await expect(
    registerRecords({ ...project, env: { ...project.env, ...nowhere } }, effects),
  ).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
  const database = join(project.root, ".duetmind", "db");
  rmSync(database, { recursive: true, force: true });
  mkdirSync(database); // opening it would fill it
  const second = await registerAfterStage(project, TRAIN, effects);
  expect(readdirSync(database)).toEqual([]);
  expect(second.registered).toEqual(first.registered.map((one) => ({ ...one, created: false })));
  expect(readFileSync(memory, "utf8")).toBe(before);
});

test("deferred: only the journal is written, somebody else registers later", async () => {
  const env = await testDatabaseEnv();
  const project = projectWithRecords({ ...env, DUETMIND_DEFER_REGISTRATION: "1" });
  expect(await registerAfterStage(project, TRAIN, effects)).toEqual({
    deferred: true,
    registered: [],
  });
  expect(existsSync(join(project.root, ".duetmind", "db"))).toBe(false);
  const { length } = await registerRecords(project, effects);
  expect(length).toBe(3);
});

test("when the last record cannot be imported, those before it are in and remembered", async () => {
  const project = projectWithRecords(await testDatabaseEnv());
  rmSync(join(project.root, "models/risk/model/model.onnx"));
  await expect(registerRecords(project, effects)).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  writeStages(project, "first");
  const done = await registerRecords(project, effects);
  expect(done.map(({ imported }) => imported)).toEqual([false, false, true]);
});

test("register asks the database even about what it remembers", async () => {
  const project = projectWithRecords(await testDatabaseEnv());
  await registerRecords(project, effects);
  const asked = await registerRecords(project, effects, { trustKnown: false });
  expect(asked.map(({ imported }) => imported)).toEqual([false, false, false]);
  expect(asked[2]!.registered).toMatchObject([{ kind: "model", name: "risk", version: 1 }]);
});
