import { expect, test } from "vitest";
import { ensureExperiment } from "../../src/tracking/experiment-queries.ts";
import { testDatabase } from "../support/database.ts";

const AT = new Date("2026-11-23T10:00:00Z");
const { kysely: db } = await testDatabase();

test("an experiment is made at first use, with MLflow's artifact location; Default is there as 0", async () => {
  const id = await ensureExperiment(db, "alzheimer", AT);
  expect(await ensureExperiment(db, "alzheimer", AT)).toBe(id);
  expect(await ensureExperiment(db, "Default", AT)).toBe(0);
  const row = await db
    .selectFrom("experiments")
    .selectAll()
    .where("experiment_id", "=", id)
    .executeTakeFirstOrThrow();
  expect(row).toEqual({
    experiment_id: id,
    name: "alzheimer",
    artifact_location: `mlflow-artifacts:/${id}`,
    lifecycle_stage: "active",
    created_at: AT,
    updated_at: AT,
  });
});

test("many at once make one", async () => {
  const ids = await Promise.all(Array.from({ length: 8 }, () => ensureExperiment(db, "rush", AT)));
  expect(new Set(ids).size).toBe(1);
});

test("the name of a deleted experiment stays taken", async () => {
  await ensureExperiment(db, "gone", AT);
  await db
    .updateTable("experiments")
    .set({ lifecycle_stage: "deleted" })
    .where("name", "=", "gone")
    .execute();
  await expect(ensureExperiment(db, "gone", AT)).rejects.toMatchObject({
    code: "CONFLICT",
    message: 'experiment "gone": expected an active experiment, got a deleted one',
  });
});
