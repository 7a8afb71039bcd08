import { expect, test } from "vitest";
import { openObjectStore } from "../../src/artifacts/open-object-store.ts";
import { artifactsParams } from "../../src/artifacts/params.ts";
import { systemClock } from "../../src/core/clock.ts";
import { realEffects } from "../../src/core/effects.ts";
import { deleteGarbage, findGarbage } from "../../src/tracking/collect-garbage.ts";
import type { GarbageScope } from "../../src/tracking/gc-queries.ts";
import { temporaryFolder } from "../support/database.ts";
import { testServer } from "../support/server.ts";

const root = temporaryFolder();
const { mlflow, send, database } = await testServer({}, { root });
const store = openObjectStore(artifactsParams.parse({}), root, {}, realEffects);
const { kysely: db } = database;
const FILES = "/api/2.0/mlflow-artifacts/artifacts";
const all = { runIds: undefined, experimentIds: undefined };
const soon = () => new Date(Date.now() + 60_000);

async function experiment(name: string, location?: string): Promise<string> {
  const made = await mlflow("POST", "experiments/create", {
    name,
    ...(location === undefined ? {} : { artifact_location: location }),
  });
  return made.json<{ experiment_id: string }>().experiment_id;
}

async function run(experimentId: string): Promise<string> {
  const made = await mlflow("POST", "runs/create", { experiment_id: experimentId });
  const { info } = made.json<{ run: { info: { run_id: string } } }>().run;
  await mlflow("POST", "runs/log-metric", {
    ...{ run_id: info.run_id, key: "auc", value: 0.5, timestamp: 1 },
  });
  await send("PUT", `${FILES}/${experimentId}/${info.run_id}/artifacts/model/MLmodel`, "12345");
  return info.run_id;
}

async function model(experimentId: string, runId: string): Promise<string> {
  const made = await mlflow("POST", "logged-models", {
    ...{ experiment_id: experimentId, name: "m", source_run_id: runId },
  });
  const { info } = made.json<{ model: { info: { model_id: string } } }>().model;
  await send("PUT", `${FILES}/${experimentId}/models/${info.model_id}/artifacts/MLmodel`, "123");
  return info.model_id;
}

async function version(name: string, fields: Readonly<Record<string, string>>): Promise<void> {
  await mlflow("POST", "registered-models/create", { name });
  const made = await mlflow("POST", "model-versions/create", { name, ...fields });
  expect(made.text).toContain("READY");
}

const deleteRun = (id: string) => mlflow("POST", "runs/delete", { run_id: id });
const deleteModel = (id: string) => send("DELETE", `/api/2.0/mlflow/logged-models/${id}`);
const deleteExperiment = (id: string) =>
  mlflow("POST", "experiments/delete", { experiment_id: id });

async function collect(scope: Partial<GarbageScope> = {}) {
  const before = soon();
  const garbage = await findGarbage(db, { before, ...all, ...scope });
  await deleteGarbage(database, store, garbage, before, "tester", systemClock);
  return garbage;
}

async function paths(below: string): Promise<string[]> {
  const rows = await db
    .selectFrom("artifact_file")
    .select("path")
    .where("path", "like", `${below}/%`)
    .execute();
  return rows.map(({ path }) => path);
}

test("an experiment that was deleted goes with its runs, models and files, and its name is free", async () => {
  const id = await experiment("gone");
  const [first, second] = [await run(id), await run(id)];
  const logged = await model(id, first);
  await send("PUT", `${FILES}/${id}/beside.txt`, "x");
  await deleteModel(logged);
  await deleteExperiment(id);
  const found = await findGarbage(db, { before: soon(), ...all });
  expect(found.runs.map(({ run_id }) => run_id)).toEqual([first, second].sort());
  expect(found.models.map(({ model_id }) => model_id)).toEqual([logged]);
  expect(found.experiments.map(({ name }) => name)).toEqual(["gone"]);
  expect([found.files, found.sizeBytes, found.kept]).toEqual([4, 14, []]);
  expect(found.freed).toEqual({ objects: 3, sizeBytes: 9 }); // two files have the same bytes
  expect((await mlflow("GET", "runs/get", { run_id: first })).status).toBe(200); // only looked
  await collect();
  expect((await mlflow("GET", "runs/get", { run_id: first })).status).toBe(404);
  expect((await mlflow("GET", "experiments/get", { experiment_id: id })).status).toBe(404);
  expect(await paths(id)).toEqual([]);
  const again = await findGarbage(db, { before: soon(), ...all });
  expect([again.runs, again.models, again.experiments]).toEqual([[], [], []]);
  expect(await experiment("gone")).not.toBe(id);
  const audit = await db
    .selectFrom("audit_event")
    .select(["action", "object_id"])
    .where("action", "like", "%.purge")
    .execute();
  expect(audit).toHaveLength(4);
});

test("what is not deleted, or was deleted later than asked, stays", async () => {
  const id = await experiment("young");
  const [alive, dead] = [await run(id), await run(id)];
  await deleteRun(dead);
  const early = await findGarbage(db, { before: new Date(Date.now() - 60_000), ...all });
  expect(early.runs).toEqual([]);
  const found = await collect();
  expect(found.runs.map(({ run_id }) => run_id)).toEqual([dead]);
  expect(await paths(id)).toEqual([`${id}/${alive}/artifacts/model/MLmodel`]);
});

test("a run or model that a registered version points at is kept, with its experiment, and said why", async () => {
  const id = await experiment("held");
  const [byRun, bySource, free] = [await run(id), await run(id), await run(id)];
  const logged = await model(id, byRun);
  await version("by-run", { source: `runs:/${byRun}/model`, run_id: byRun });
  await version("by-source", {
    source: `mlflow-artifacts:/${id}/${bySource}/artifacts/model`,
    run_id: bySource,
  });
  await db
    .updateTable("model_version_detail")
    .set({ mlflow_run_id: null })
    .where("mlflow_run_id", "=", bySource)
    .execute();
  await version("by-model", { source: `models:/${logged}`, model_id: logged });
  await deleteModel(logged);
  await deleteExperiment(id);
  const found = await collect();
  expect(found.runs.map(({ run_id }) => run_id)).toEqual([free]);
  expect(found.kept).toEqual(
    expect.arrayContaining([
      { kind: "run", id: byRun, reason: expect.stringMatching(/^by-(run|model) version 1 needs/) },
      { kind: "run", id: bySource, reason: "by-source version 1 needs it" },
      { kind: "model", id: logged, reason: "by-model version 1 needs it" },
      { kind: "experiment", id, reason: "3 of its runs and logged models stay" },
    ]),
  );
  expect(await paths(id)).toHaveLength(3);
  for (const name of ["by-run", "by-source", "by-model"]) {
    await send("DELETE", "/api/2.0/mlflow/registered-models/delete", { name });
  }
  const then = await collect();
  expect([then.runs.length, then.models.length, then.experiments.length]).toEqual([2, 1, 1]);
  expect(await paths(id)).toEqual([]);
});

test("a run with metrics of a logged model that stays is kept; both go together later", async () => {
  const id = await experiment("measured");
  const [maker, measurer] = [await run(id), await run(id)];
  const logged = await model(id, maker);
  await mlflow("POST", "runs/log-metric", {
    ...{ run_id: measurer, model_id: logged, key: "auc", value: 0.75, timestamp: 2, step: 1 },
  });
  await deleteRun(measurer);
  const found = await collect();
  expect(found.runs).toEqual([]);
  expect(found.kept).toContainEqual({
    ...{ kind: "run", id: measurer, reason: `logged model ${logged} needs it` },
  });
  const kept = await send("GET", `/api/2.0/mlflow/logged-models/${logged}`);
  expect(kept.text).toContain('"value":0.75');
  await deleteModel(logged);
  const then = await collect();
  expect(then.runs.map(({ run_id }) => run_id)).toEqual([measurer]);
  expect(then.models.map(({ model_id }) => model_id)).toEqual([logged]);
});

test("what was restored between looking and deleting is left alone", async () => {
  const id = await experiment("saved");
  const saved = await run(id);
  await deleteRun(saved);
  const before = soon();
  const garbage = await findGarbage(db, { before, ...all });
  expect(garbage.runs).toHaveLength(1);
  await mlflow("POST", "runs/restore", { run_id: saved });
  await deleteGarbage(database, store, garbage, before, "tester", systemClock);
  expect((await mlflow("GET", "runs/get", { run_id: saved })).status).toBe(200);
  expect(await paths(id)).toHaveLength(1);
});

test("named runs or experiments alone go; files outside of the server are not touched", async () => {
  const [one, other] = [await experiment("one"), await experiment("other", "s3://bucket/other")];
  const [a, b] = [await run(one), await run(one)];
  const far = await run(other);
  for (const id of [a, b, far]) await deleteRun(id);
  const named = await collect({ runIds: [a] });
  expect(named.runs.map(({ run_id }) => run_id)).toEqual([a]);
  const within = await collect({ experimentIds: [Number(other)] });
  expect(within.runs.map(({ run_id }) => run_id)).toEqual([far]);
  expect(within.elsewhere).toEqual([`s3://bucket/other/${far}/artifacts`]);
  expect((await mlflow("GET", "runs/get", { run_id: b })).status).toBe(200);
  await collect();
});

test("the default experiment is never deleted for good", async () => {
  await deleteExperiment("0");
  const found = await collect();
  expect(found.kept).toContainEqual({
    kind: "experiment",
    id: "0",
    reason: "clients expect the default experiment to exist",
  });
  expect((await mlflow("POST", "experiments/restore", { experiment_id: "0" })).status).toBe(200);
});
