import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { testServer } from "../../support/server.ts";

const { mlflow, send } = await testServer();

async function finished(id: string) {
  for (;;) {
    const job = (await send("GET", `/api/v1/jobs/${id}`)).json<{
      state: string;
      result: unknown;
    }>();
    if (job.state !== "queued" && job.state !== "running") return job;
    await delay(10);
  }
}

async function gc(request: object) {
  const started = await send("POST", "/api/v1/jobs", { kind: "tracking-gc", request });
  const { id } = started.json<{ id: string }>();
  expect([started.status, started.headers["location"]]).toEqual([202, `/api/v1/jobs/${id}`]);
  return finished(id);
}

test("an experiment that was deleted is listed first, and gone for good when that is asked", async () => {
  const made = await mlflow("POST", "experiments/create", { name: "old" });
  const { experiment_id } = made.json<{ experiment_id: string }>();
  await mlflow("POST", "experiments/delete", { experiment_id });
  const all = { older_than_days: 0, experiment_ids: [experiment_id] };
  const named = [expect.objectContaining({ name: "old", experiment_id })];
  expect(await gc(all)).toMatchObject({
    state: "succeeded",
    result: { deleted: false, experiments: named },
  });
  expect((await mlflow("GET", "experiments/get", { experiment_id })).status).toBe(200);
  expect(await gc({ ...all, delete: true })).toMatchObject({
    state: "succeeded",
    result: { deleted: true, experiments: named },
  });
  expect((await mlflow("GET", "experiments/get", { experiment_id })).status).toBe(404);
  expect((await mlflow("POST", "experiments/create", { name: "old" })).status).toBe(200);
});

test("a request that is wrong fails its job with the reason; an unknown kind is refused", async () => {
  expect(await gc({ older_than_days: "x" })).toMatchObject({
    state: "failed",
    error: { code: "BAD_INPUT" },
  });
  const unknown = await send("POST", "/api/v1/jobs", { kind: "dance" });
  expect(unknown.json()).toMatchObject({ status: 400, code: "BAD_INPUT" });
  expect((await send("GET", "/api/v1/jobs/none")).status).toBe(404);
});
