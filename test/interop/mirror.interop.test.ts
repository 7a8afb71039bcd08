import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { retryDeliveries } from "../../src/events/delivery-queries.ts";
import { mirrorRuns } from "../../src/pipelines/mirror-runs.ts";
import { MIRROR } from "../../src/tracking/mirror-variables.ts";
import { atEnd } from "../support/database.ts";
import { runsToMirror } from "../tracking/runs-to-mirror.ts";
import { freePort } from "./free-port.ts";
import { startMlflowServer } from "./mlflow-server.ts";

const { db, context, register } = await runsToMirror();

async function mirror(uri: string) {
  await retryDeliveries(db, MIRROR, realEffects.clock.now());
  const env = { MLFLOW_TRACKING_URI: uri };
  return mirrorRuns(db, { ...context, env }, 60_000, realEffects);
}

type Found = Readonly<{ experiment: Readonly<{ experiment_id: string }> }>;
type Runs = Readonly<{
  runs: readonly Readonly<{
    info: Readonly<{ run_id: string }>;
    data: Readonly<Record<"params" | "tags" | "metrics", readonly { key: string }[]>>;
    inputs: Readonly<{ dataset_inputs: unknown[] }>;
  }>[];
}>;

test("a real MLflow server that was down gets the run whole, and once", async () => {
  const runId = "a".repeat(32);
  await register(runId, "mirrored");
  expect(await mirror(`http://127.0.0.1:${await freePort()}`)).toMatchObject([
    { run_id: runId, state: "waiting", reason: expect.stringContaining("ECONNREFUSED") },
  ]);
  const server = await startMlflowServer();
  atEnd(() => server.stop());
  async function ask<T>(path: string, body?: unknown): Promise<T> {
    const init =
      body === undefined
        ? {}
        : {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body),
          };
    const reply = await fetch(`${server.url}/api/2.0/mlflow/${path}`, init);
    expect(reply.status).toBe(200);
    return (await reply.json()) as T;
  }
  expect(await mirror(server.url)).toEqual([]);
  await db.updateTable("delivery").set({ state: "waiting" }).where("target", "=", MIRROR).execute();
  expect(await mirror(server.url)).toEqual([]);
  const { experiment } = await ask<Found>("experiments/get-by-name?experiment_name=mirrored");
  const { runs } = await ask<Runs>("runs/search", { experiment_ids: [experiment.experiment_id] });
  expect(runs).toHaveLength(1);
  const { info, data, inputs } = runs[0]!;
  expect(info).toMatchObject({
    run_name: "gbm-1",
    user_id: "ada",
    status: "FINISHED",
    start_time: Date.parse("2026-03-01T00:00:00Z"),
    end_time: Date.parse("2026-03-01T00:01:00Z"),
  });
  expect(data.params).toHaveLength(130);
  expect(data.tags).toContainEqual({ key: "duetmind.mirror_of", value: runId });
  expect(data.metrics.map(({ key }) => key).sort()).toEqual(["auc", "loss"]);
  const history = await ask<{ metrics: unknown[] }>(
    `metrics/get-history?run_id=${info.run_id}&metric_key=loss&max_results=25000`,
  );
  expect(history.metrics).toHaveLength(1500);
  expect(inputs.dataset_inputs).toMatchObject([{ dataset: { name: "features" } }]);
  const { files } = await ask<{ files: unknown[] }>(
    `artifacts/list?run_id=${info.run_id}&path=model`,
  );
  expect(files).toMatchObject([
    { path: "model/MLmodel", is_dir: false, file_size: `model of ${runId}`.length },
  ]);
  const file = await fetch(`${server.url}/get-artifact?run_id=${info.run_id}&path=model/MLmodel`);
  expect(await file.text()).toBe(`model of ${runId}`);
});
