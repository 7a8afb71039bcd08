import type { AddressInfo } from "node:net";
import { beforeAll, expect, test } from "vitest";
import {
  createTrackingClient,
  type TrackingClient,
} from "../../src/client/create-tracking-client.ts";
import { realEffects } from "../../src/core/effects.ts";
import { type ImportRequest, importMlflow } from "../../src/pipelines/import-mlflow.ts";
import { differences } from "../../src/pipelines/import-mlflow-counts.ts";
import { serverContents as contents } from "../client/server-contents.ts";
import { temporaryFolder, testDatabaseEnv } from "../support/database.ts";
import { runIn } from "../support/run-cli.ts";
import { type TestServer, testServer } from "../support/server.ts";

type Peer = Readonly<{ url: string; client: TrackingClient; server: TestServer }>;

async function startPeer(): Promise<Peer> {
  const server = await testServer();
  await server.app.listen({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`;
  return { url, client: createTrackingClient({ url }), server };
}

let there: Peer;
beforeAll(async () => {
  there = await startPeer();
  await fill(there.client);
});

/** Two experiments, one of them deleted, and all that can be in one. */
async function fill(client: TrackingClient): Promise<void> {
  // numbers of experiments differ between the two servers
  await client.experiments.create("first");
  const { experimentId } = await client.experiments.getOrCreate("trials", { tags: { team: "a" } });
  const parent = await client.runs.start({
    experimentId,
    runName: "parent",
    userId: "ann",
    startTime: new Date("2025-03-01T10:00:00.123Z"),
    tags: { "mlflow.note.content": "a **note**" },
  });
  await parent.logParams({ model: "gbm", rounds: 100 });
  for (let step = 0; step < 1200; step++) await parent.logMetric("loss", 1 / (step + 1), { step });
  await parent.logMetric("odd", Number.NaN, { step: 2n ** 60n, timestamp: 1 });
  await parent.logMetric("odd", Number.POSITIVE_INFINITY, { step: -1, timestamp: 2 });
  await parent.logInputs([
    {
      ...{ name: "visits", digest: "d1", sourceType: "local", source: "{}", schema: "[]" },
      tags: { "mlflow.data.context": "training" },
    },
  ]);
  await parent.artifacts.upload("notes/a b.txt", "grüezi");
  await parent.artifacts.upload("empty", "");
  const made = await client.loggedModels.create({
    ...{ experimentId, name: "gbm", modelType: "onnx", sourceRunId: parent.info.runId },
    ...{ params: { depth: "3" }, tags: { t: "1" } },
  });
  await client.artifacts(made.artifactUri).upload("MLmodel", "flavors: {}");
  await client.loggedModels.finalize(made.modelId);
  await parent.logMetric("auc", 0.9, {
    modelId: made.modelId,
    datasetName: "visits",
    datasetDigest: "d1",
  });
  await parent.logOutputs([{ modelId: made.modelId, step: 3 }]);
  await parent.logInputs([], [made.modelId]);
  await parent.end("FINISHED", { endTime: new Date("2025-03-01T11:00:00Z") });
  for (const status of ["FAILED", "KILLED"] as const) {
    const child = await client.runs.start({ experimentId, parentRunId: parent.info.runId });
    await child.end(status);
    if (status === "KILLED") await client.runs.delete(child.info.runId);
  }
  const passing = await client.experiments.create("passing");
  await client.runs.track({ experimentId: passing }, async (run) => run.logMetric("m", 1));
  await client.experiments.delete(passing);

  await client.registeredModels.create("stroke", { description: "risk", tags: { a: "1" } });
  const runId = parent.info.runId;
  const sources = [
    { source: `models:/${made.modelId}`, modelId: made.modelId },
    { source: `runs:/${runId}/notes`, runId },
    { source: `${parent.info.artifactUri}/notes`, runId },
    { source: "s3://bucket/model" },
  ];
  for (const source of sources) await client.modelVersions.create("stroke", source);
  await client.modelVersions.setTag("stroke", 1, "k", "v");
  await client.modelVersions.update("stroke", 3, "third");
  await client.modelVersions.transitionStage("stroke", 3, "Production");
  await client.modelVersions.delete("stroke", 2); // a number that nobody has
  await client.registeredModels.setAlias("stroke", "champion", 3);
  const prompt = { "mlflow.prompt.is_prompt": "true" };
  await client.registeredModels.create("greeting", { tags: prompt });
  const text = { ...prompt, "mlflow.prompt.text": "hello" };
  await client.modelVersions.create("greeting", { source: "prompt-template", tags: text });
}

function request(change: Partial<ImportRequest> = {}): ImportRequest {
  return {
    from: { url: there.url },
    experiments: undefined,
    withFiles: true,
    actor: "ann",
    ...change,
  };
}

const bring = (to: Peer, change: Partial<ImportRequest> = {}) =>
  importMlflow(
    request(change),
    { database: to.server.database, ...to.server.services },
    realEffects,
  );

test("a server comes here whole, and a second import finds nothing to do", async () => {
  const here = await startPeer();
  const report = await bring(here);
  expect(report.failures).toEqual([]);
  expect(Object.fromEntries(report.counts.map(({ what, there }) => [what, there]))).toEqual({
    ...{ experiments: 4, runs: 4, params: 2, tags: expect.any(Number), metrics: 4 },
    ...{ metric_points: 1204, datasets: 1, model_inputs: 1, model_outputs: 1, logged_models: 1 },
    ...{ registered_models: 2, model_versions: 4, aliases: 1, files: 3 },
  });
  expect(differences(report.counts)).toEqual([]);
  expect(await contents(here.client)).toEqual(await contents(there.client));
  const before = await here.server.database.kysely.selectFrom("audit_event").select("id").execute();
  const again = await bring(here);
  expect(differences(again.counts)).toEqual([]);
  expect(again.counts.map(({ what }) => what)).not.toContain("metric_points");
  const after = await here.server.database.kysely.selectFrom("audit_event").select("id").execute();
  expect(after).toHaveLength(before.length);
  // the next version has a number of its own
  const next = await here.client.modelVersions.create("stroke", { source: "s3://bucket/next" });
  expect(next.version).toBe(5);
});

test("an import that is cut at any request goes on when it is started again", async () => {
  const here = await startPeer();
  let requests = 0;
  for (let allowed = 4; ; allowed += 4) {
    let left = allowed;
    const fetch: typeof globalThis.fetch = (input, init) => {
      requests += 1;
      if (left-- <= 0) return Promise.reject(new TypeError("connection reset"));
      return globalThis.fetch(input, init);
    };
    const from = { url: there.url, fetch, retries: 0 };
    const outcome = await bring(here, { from }).catch((error: unknown) => error);
    if (!(outcome instanceof Error)) {
      expect(outcome).toMatchObject({ failures: [] });
      break;
    }
    expect(outcome).toMatchObject({
      code: "SOURCE_UNAVAILABLE",
      details: { hint: "what came so far stays; run the same command to go on" },
    });
  }
  expect(requests).toBeGreaterThan(40);
  expect(await contents(here.client)).toEqual(await contents(there.client));
});

test("files can be left there, and fetched later", async () => {
  const here = await startPeer();
  const first = await bring(here, { withFiles: false });
  expect(differences(first.counts)).toEqual([]);
  expect(first.counts.map(({ what }) => what)).not.toContain("files");
  const second = await bring(here);
  expect(second.counts).toContainEqual({ what: "files", there: 3, here: 3 });
  const { experiments, runs, logged } = (await contents(there.client)) as Record<string, unknown>;
  expect(await contents(here.client)).toMatchObject({ experiments, runs, logged });
});

test("a run that goes on there is looked at again", async () => {
  const here = await startPeer();
  const { experimentId } = await there.client.experiments.getOrCreate("going");
  const run = await there.client.runs.start({ experimentId });
  await run.logMetric("m", 1, { step: 1 });
  await run.flush();
  await bring(here, { experiments: ["going"] });
  await run.logMetric("m", 2, { step: 2 });
  await run.end();
  const report = await bring(here, { experiments: ["going"] });
  expect(differences(report.counts)).toEqual([]);
  const copy = await here.client.runs.get(run.info.runId);
  expect([copy.status, copy.metrics["m"]?.value]).toEqual(["FINISHED", 2]);
  await there.client.experiments.delete(experimentId);
});

test("what is in the way here is named, and the rest comes", async () => {
  const here = await startPeer();
  await here.client.registeredModels.create("stroke");
  await here.client.modelVersions.create("stroke", { source: "s3://bucket/ours" });
  const report = await bring(here, { withFiles: false });
  expect(report.failures).toEqual([
    {
      what: "model stroke",
      reason: expect.stringContaining("version 1: expected none, or one imported from"),
    },
  ]);
  expect(differences(report.counts).map(({ what }) => what)).toEqual(["model_versions", "aliases"]);
  expect((await here.client.modelVersions.get("stroke", 1)).source).toBe("s3://bucket/ours");
});

test("the command says what came, and refuses what it cannot read", async () => {
  const root = temporaryFolder();
  const env = await testDatabaseEnv();
  const from = ["import", "mlflow", "--from", there.url];
  const done = await runIn(root, [...from, "--experiments", "trials", "--json"], env);
  expect([done.exitCode, done.stderr]).toEqual([0, expect.any(String)]);
  expect(done.json<{ counts: unknown[] }>()).toMatchObject({
    from: there.url,
    failures: [],
    complete: true,
  });
  expect(done.json<{ counts: unknown[] }>().counts).toContainEqual({
    ...{ what: "model_versions", there: 2, here: 2 }, // of the runs of this experiment
  });
  const text = await runIn(root, [...from, "--experiments", "trials", "--quiet"], env);
  expect(text.stdout).toContain(`all of ${there.url} is here`);
  const unknown = await runIn(root, [...from, "--experiments", "trails"], env);
  expect([unknown.exitCode, unknown.stderr]).toEqual([
    expect.any(Number),
    expect.stringContaining('did you mean "trials"?'),
  ]);
  expect(unknown.exitCode).toBeGreaterThan(1);
  const gone = await runIn(root, ["import", "mlflow", "--from", "ftp://x"], env);
  expect([gone.exitCode, gone.stderr]).toEqual([
    2,
    expect.stringContaining("--from: url: expected an http or https address"),
  ]);
});
