import { execFile } from "node:child_process";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTrackingClient } from "../../src/client/create-tracking-client.ts";
import { realEffects } from "../../src/core/effects.ts";
import { importMlflow } from "../../src/pipelines/import-mlflow.ts";
import { differences } from "../../src/pipelines/import-mlflow-counts.ts";
import { serverContents } from "../client/server-contents.ts";
import { temporaryFolder } from "../support/database.ts";
import { testServer } from "../support/server.ts";
import { type MlflowServer, startMlflowServer } from "./mlflow-server.ts";
import { type PythonEnvironment, pythonEnvironment } from "./python-environment.ts";

const SCRIPTS = join(import.meta.dirname, "mlflow-import");

let mlflow: MlflowServer;
let client: PythonEnvironment;
beforeAll(async () => {
  client = await pythonEnvironment("mlflow-server");
  mlflow = await startMlflowServer();
});
afterAll(() => mlflow.stop());

/** Runs a script of MLflow's own client against a server. */
async function python(script: string, url: string): Promise<Record<string, unknown>> {
  const env = {
    ...process.env,
    MLFLOW_TRACKING_URI: url,
    MLFLOW_DISABLE_TELEMETRY: "true",
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: "false",
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: "1",
    GIT_PYTHON_REFRESH: "quiet",
  };
  const run = promisify(execFile);
  const options = { env, cwd: temporaryFolder(), maxBuffer: 1 << 26 };
  const { stdout } = await run(client.python, [join(SCRIPTS, script)], options);
  return JSON.parse(stdout.slice(stdout.lastIndexOf('{"'))) as Record<string, unknown>;
}

test("a server that MLflow 3.17.2 filled comes here whole, and its models load", async () => {
  const filled = await python("fill.py", mlflow.url);
  expect(filled).toEqual({ version: "3.17.2", runs: 36 });

  const here = await testServer();
  await here.app.listen({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${(here.app.server.address() as AddressInfo).port}`;
  const request = {
    ...{ from: { url: mlflow.url }, experiments: undefined },
    ...{ withFiles: true, actor: "ann" },
  };
  const target = { database: here.database, ...here.services };
  const report = await importMlflow(request, target, realEffects);
  expect(report.failures).toEqual([]);
  expect(differences(report.counts)).toEqual([]);
  expect(report.counts).toContainEqual({ what: "runs", there: 36, here: 36 });
  expect(report.counts).toContainEqual({ what: "model_versions", there: 4, here: 4 });

  const there = await serverContents(createTrackingClient({ url: mlflow.url }));
  expect(await serverContents(createTrackingClient({ url }))).toEqual(there);
  const predictions = await python("load.py", mlflow.url);
  expect(await python("load.py", url)).toEqual(predictions);

  const again = await importMlflow(request, target, realEffects);
  expect(differences(again.counts)).toEqual([]);
  expect(again.counts.map(({ what }) => what)).not.toContain("files");
});
