import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { expect, test } from "vitest";
import { openObjectStore } from "../../src/artifacts/open-object-store.ts";
import { fixedClock } from "../../src/core/clock.ts";
import { realEffects } from "../../src/core/effects.ts";
import { digestBytes, digestHex } from "../../src/core/hash.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { findRecords } from "../../src/pipelines/register-find.ts";
import { writeJournal } from "../../src/pipelines/register-journal.ts";
import { registerRecord } from "../../src/pipelines/register-records.ts";
import { modelCard } from "../../src/registry/model-card.ts";
import { findModelVersion, listModelVersions } from "../../src/registry/model-queries.ts";
import { rebuildSourceOf } from "../../src/registry/rebuild-queries.ts";
import type { Database } from "../../src/store/database.ts";
import { findRun, metricHistory } from "../../src/tracking/run-details.ts";
import { testDatabase } from "../support/database.ts";
import { projectWithRecords, writeStages } from "./register-project.ts";

const effects = { ...realEffects, clock: fixedClock("2026-11-23T10:00:05Z") };

async function registerAll(project: Project, db: Database) {
  const done = [];
  for (const record of await findRecords(project, effects)) {
    done.push(await registerRecord(project, record, db, effects));
  }
  return done;
}

/** Rows of every table that a registration writes. */
async function countRows(db: Database) {
  const tables = [
    "stage_record",
    "dataset_catalog",
    "data_quality_metrics",
    "feature_view",
    "runs",
    "metrics",
    "params",
    "tags",
    "inputs",
    "artifact_file",
    "model_registry",
    "model_version_detail",
    "audit_event",
    "logged_models",
    "model_outputs",
    "event",
  ] as const;
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const { count } = await db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    counts[table] = Number(count);
  }
  return counts;
}

test("the three records of a project become datasets, a feature view, a run and a model version", async () => {
  const { kysely: db } = await testDatabase();
  const project = projectWithRecords();
  const [data, features, train] = await registerAll(project, db);
  expect(data!.registered).toEqual([
    { kind: "dataset", name: "patients", version: 1, created: true },
  ]);
  expect(
    features!.registered.map(({ kind, name, version }) => `${kind} ${name}@${version}`),
  ).toEqual([
    "feature_view risk@1",
    "dataset risk.features@1",
    "dataset risk.labels@1",
    "dataset risk.split@1",
  ]);
  const runId = digestHex(train!.record.digest).slice(0, 32);
  expect(train!.registered).toEqual([
    {
      kind: "model",
      name: "risk",
      version: 1,
      created: true,
      status: "staging",
      reasons: [],
      run_id: runId,
    },
  ]);
  const run = (await findRun(db, runId))!;
  expect(run.experiment).toBe("study");
  expect(run.params).toEqual({
    "model.name": "risk",
    "model.algorithm": "boosting",
    "model.hyperparameters.max_depth": "6",
    "model.hyperparameters.rate": "0.1",
    "thresholds.accuracy": "0.85",
  });
  expect(run.metrics).toEqual({
    train_loss: 0.5,
    validation_loss: 0.6,
    validation_accuracy: 0.91,
    test_accuracy: 0.9,
  });
  expect(
    (await metricHistory(db, runId, "train_loss")).map(({ step, value }) => [step, value]),
  ).toEqual([
    [1, 0.6],
    [2, 0.5],
  ]);
  expect(run.inputs).toEqual([
    { name: "risk.features", digest: digestBytes("features first"), context: "training" },
  ]);
});

test("the card of a version has its whole lineage, metrics with intervals and checksums", async () => {
  const { kysely: db } = await testDatabase();
  const project = projectWithRecords();
  await registerAll(project, db);
  const row = (await findModelVersion(db, "risk"))!;
  const card = await modelCard(db, row);
  expect(card.lineage.datasets.map(({ name, version }) => [name, version])).toEqual([
    ["patients", 1],
  ]);
  expect(card.lineage.feature_view).toMatchObject({ name: "risk", version: 1 });
  expect(card.lineage.features).toMatchObject({ name: "risk.features", version: 1 });
  expect(card.lineage.run).toMatchObject({ experiment: "study", user: "ann" });
  expect(card.metrics["test"]).toEqual({
    accuracy: { value: 0.9, lower: 0.85, upper: 0.95, baseline: 0.6 },
  });
  expect(card.hyperparameters).toEqual({ max_depth: 6, rate: 0.1 });
  expect(card.artifacts.map(({ path }) => path)).toEqual(["MLmodel", "model.onnx"]);
  const source = (await rebuildSourceOf(db, row))!;
  expect(source.datasets.map(({ file_path }) => file_path)).toEqual(["data/raw/patients.parquet"]);
  expect(JSON.parse(source.features.text)).toMatchObject({ stage: "features" });
});

test("importing again does nothing; new bytes give the next versions, old ones keep theirs", async () => {
  const { kysely: db } = await testDatabase();
  const project = projectWithRecords();
  await registerAll(project, db);
  const before = await countRows(db);
  const again = await registerAll(project, db);
  expect(again.map(({ imported }) => imported)).toEqual([false, false, false]);
  expect(again[2]!.registered).toMatchObject([
    { kind: "model", name: "risk", version: 1, created: false },
  ]);
  expect(await countRows(db)).toEqual(before);

  writeStages(project, { train: "second", status: "rejected" });
  const [data, features, train] = await registerAll(project, db);
  expect([data!.imported, features!.imported, train!.imported]).toEqual([false, false, true]);
  expect(train!.registered).toMatchObject([
    { version: 2, status: "rejected", reasons: ["accuracy 0.9 < 0.95"] },
  ]);
  expect(
    (await listModelVersions(db, "risk")).map(({ version, status }) => [version, status]),
  ).toEqual([
    [2, "rejected"],
    [1, "staging"],
  ]);
});

test("the same feature and fit hash on new data are not registered twice", async () => {
  const { kysely: db } = await testDatabase();
  const project = projectWithRecords();
  await registerAll(project, db);
  writeStages(project, { data: "grown", features: "first" });
  const [data, features] = await registerAll(project, db);
  expect(data!.registered).toMatchObject([{ name: "patients", version: 2, created: true }]);
  expect(features!.registered[0]).toMatchObject({
    kind: "feature_view",
    version: 1,
    created: false,
  });
});

test("what the command knew of the run becomes its times and MLflow's tags", async () => {
  const { kysely: db } = await testDatabase();
  const project = projectWithRecords();
  const records = await findRecords(project, effects);
  const startedAt = new Date("2026-11-23T10:00:00Z");
  await writeJournal(
    project,
    records[2]!,
    { command: "duetmind train", startedAt },
    "bob",
    effects,
  );
  const done = await registerAll(project, db);
  const run = (await findRun(db, done[2]!.registered[0]!.run_id!))!;
  expect([run.started_at, run.ended_at]).toEqual([startedAt, new Date("2026-11-23T10:00:05Z")]);
  expect(run.tags).toMatchObject({
    "mlflow.user": "bob",
    "mlflow.source.name": "duetmind train",
    "mlflow.source.type": "LOCAL",
    "duetmind.version": "0.1.0",
  });
});

test("every version leaves one audit event, with who and what, in the same transaction", async () => {
  const { kysely: db } = await testDatabase();
  await registerAll(projectWithRecords(), db);
  const events = await db
    .selectFrom("audit_event")
    .select(["actor", "action", "object_id", "object_version"])
    .orderBy("action")
    .orderBy("object_id")
    .execute();
  expect(events.map((event) => Object.values(event).join(" "))).toEqual([
    "ann dataset.register patients 1",
    "ann dataset.register risk.features 1",
    "ann dataset.register risk.labels 1",
    "ann dataset.register risk.split 1",
    "ann feature_view.register risk 1",
    "ann model_version.register risk 1",
  ]);
});

test("whichever query fails, a record is imported whole or not at all", async () => {
  const { kysely: db } = await testDatabase();
  const project = projectWithRecords();
  for (const record of await findRecords(project, effects)) {
    const before = await countRows(db);
    let failures = 0;
    for (let nth = 1; ; nth++) {
      try {
        await registerRecord(project, record, failAt(db, nth), effects);
        break;
      } catch (error) {
        expect((error as Error).message).toBe("the connection went away");
        failures += 1;
        expect(await countRows(db)).toEqual(before);
      }
    }
    expect(failures).toBeGreaterThan(3);
  }
  expect(await countRows(db)).toMatchObject({ stage_record: 3, model_version_detail: 1 });
});

test("two at once register everything once", async () => {
  const { kysely: db } = await testDatabase();
  const project = projectWithRecords();
  for (const record of await findRecords(project, effects)) {
    const both = await Promise.all([1, 2].map(() => registerRecord(project, record, db, effects)));
    expect(both.map(({ imported }) => imported).sort()).toEqual([false, true]);
    expect(both[0]!.registered.map(({ version }) => version)).toEqual(
      both[1]!.registered.map(({ version }) => version),
    );
  }
  expect(await countRows(db)).toMatchObject({
    dataset_catalog: 4,
    feature_view: 1,
    model_version_detail: 1,
  });
});

test("a file that changed after its record stops the import before any row", async () => {
  const { kysely: db } = await testDatabase();
  const project = projectWithRecords();
  const path = join(project.root, "data/raw/patients.parquet");
  writeFileSync(path, "edited by hand");
  await expect(registerAll(project, db)).rejects.toMatchObject({
    code: "CHECKSUM_MISMATCH",
    message: `${path}: expected ${digestBytes("patients first")}, got ${digestBytes("edited by hand")}`,
  });
  expect((await countRows(db))["stage_record"]).toBe(0);
});

test("a record whose stage before is not registered says so", async () => {
  const { kysely: db } = await testDatabase();
  const project = projectWithRecords();
  rmSync(join(project.root, "data/raw/data.record.json"));
  await expect(registerAll(project, db)).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: `dataset patients: expected a registered version with ${digestBytes("patients first")}, got none`,
  });
});

test("a record from elsewhere cannot name files outside the project", async () => {
  const { kysely: db } = await testDatabase();
  for (const path of ["../secret", "/etc/passwd", "a/../../b", "a\\..\\b"]) {
    const project = projectWithRecords();
    const [data] = await findRecords(project, effects);
    const text = data!.text.replaceAll(
      "data/raw/patients.parquet",
      JSON.stringify(path).slice(1, -1),
    );
    await expect(registerRecord(project, { ...data!, text }, db, effects)).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: `record: expected paths inside the project, got "${path}"`,
    });
  }
});

test("a record that is not JSON, or of another version, is refused with its name", async () => {
  const { kysely: db } = await testDatabase();
  const project = projectWithRecords();
  const [data] = await findRecords(project, effects);
  await expect(registerRecord(project, { ...data!, text: "{" }, db, effects)).rejects.toMatchObject(
    {
      code: "BAD_INPUT",
      message: expect.stringContaining("data/raw/data.record.json: expected JSON"),
    },
  );
  const text = data!.text.replace('"schema_version":1', '"schema_version":9');
  await expect(registerRecord(project, { ...data!, text }, db, effects)).rejects.toMatchObject({
    message: "data/raw/data.record.json: schema_version: expected 1, got 9",
  });
});

test("the bytes of every dataset and of the model are in the artifact store, before their rows", async () => {
  const { kysely: db } = await testDatabase();
  const project = projectWithRecords();
  await registerAll(project, db);
  const store = openObjectStore(project.params.artifacts, project.root, project.env, effects);
  for (const content of [
    "patients first",
    "features first",
    "labels first",
    "split first",
    "graph of first",
  ]) {
    expect(await store.has(digestBytes(content))).toBe(true);
  }
  const full = projectWithRecords();
  chmodSync(full.root, 0o755);
  const failing = {
    ...effects,
    files: {
      ...effects.files,
      publish: () => Promise.reject(Object.assign(new Error(), { code: "ENOSPC" })),
    },
  };
  const { kysely: empty } = await testDatabase();
  const [data] = await findRecords(full, effects);
  await expect(registerRecord(full, data!, empty, failing)).rejects.toMatchObject({
    code: "DISK_FULL",
  });
  expect((await countRows(empty))["stage_record"]).toBe(0);
});

/** A database whose nth query fails before it is sent. */
function failAt<T>(db: Kysely<T>, nth: number): Kysely<T> {
  let count = 0;
  return db.withPlugin({
    transformQuery: ({ node }) => {
      count += 1;
      if (count === nth) throw new Error("the connection went away");
      return node;
    },
    transformResult: async ({ result }) => result,
  });
}
