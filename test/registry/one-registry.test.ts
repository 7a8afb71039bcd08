import { beforeAll, expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { digestBytes } from "../../src/core/hash.ts";
import type { Project } from "../../src/pipelines/project.ts";
import { registerRecords } from "../../src/pipelines/register-records.ts";
import { type OpenedDatabase, openDatabase } from "../../src/store/database.ts";
import { projectWithRecords } from "../pipelines/register-project.ts";
import { atEnd, defaultDatabaseParams, testDatabaseEnv } from "../support/database.ts";
import { runIn } from "../support/run-cli.ts";
import { type TestServer, testServer } from "../support/server.ts";

let project: Project;
let server: TestServer;
let database: OpenedDatabase;
beforeAll(async () => {
  project = projectWithRecords(await testDatabaseEnv());
  await registerRecords(project, realEffects);
  const { root, env } = project;
  const params = defaultDatabaseParams;
  database = await openDatabase({ root, env, params, effects: realEffects });
  atEnd(() => database.close());
  server = await testServer({}, { database, root });
});

const PROXY = "/api/2.0/mlflow-artifacts/artifacts";

async function get(path: string, fields: Readonly<Record<string, unknown>>) {
  const reply = await server.mlflow("GET", path, fields);
  expect(reply.status, reply.text).toBe(200);
  return reply.json<Readonly<Record<string, unknown>>>();
}

type Wire = Readonly<Record<string, string>>;

test("a version that a pipeline trained is found by MLflow's clients, down to its bytes", async () => {
  const { model_version: version } = await get("model-versions/get", {
    name: "risk",
    version: "1",
  });
  const run = (version as Wire)["run_id"]!;
  expect(version).toMatchObject({
    current_stage: "Staging",
    source: `runs:/${run}/model`,
    status: "READY",
  });
  const { artifact_uri: uri } = await get("model-versions/get-download-uri", {
    name: "risk",
    version: "1",
  });
  const folder = (uri as string).replace("mlflow-artifacts:/", "");
  expect(folder).toMatch(new RegExp(`^\\d+/${run}/artifacts/model$`));
  const listed = await server.send("GET", `${PROXY}?path=${folder}`);
  expect(listed.json<{ files: Wire[] }>().files.map(({ path }) => path)).toEqual([
    "MLmodel",
    "model.onnx",
  ]);
  expect((await server.send("GET", `${PROXY}/${folder}/MLmodel`)).text).toBe("flavors of first");

  const staged = await server.mlflow("POST", "registered-models/get-latest-versions", {
    name: "risk",
    stages: ["Staging"],
  });
  expect(staged.json()).toMatchObject({ model_versions: [{ version: "1" }] });
  await server.mlflow("POST", "registered-models/alias", {
    name: "risk",
    alias: "a",
    version: "1",
  });
  const aliased = await get("registered-models/alias", { name: "risk", alias: "a" });
  expect(aliased).toMatchObject({ model_version: { version: "1" } });

  const { model } = await get(`logged-models/m-${run}`, {});
  expect(model).toMatchObject({
    info: {
      name: "risk",
      artifact_uri: uri,
      status: "LOGGED_MODEL_READY",
      source_run_id: run,
      tags: [{ key: "mlflow.modelVersions", value: '[{"name": "risk", "version": 1}]' }],
    },
  });
  const { data } = model as Readonly<{ data: Readonly<{ metrics: readonly Wire[] }> }>;
  expect(data.metrics.length).toBeGreaterThan(0);
  expect(data.metrics[0]).toMatchObject({ dataset_name: "risk.features", run_id: run });
  const copied = await server.mlflow("POST", "registered-models/create", { name: "copy" });
  expect(copied.status).toBe(200);
  const source = "models:/risk/1";
  await server.mlflow("POST", "model-versions/create", { name: "copy", source });
  const { artifact_uri: same } = await get("model-versions/get-download-uri", {
    name: "copy",
    version: "1",
  });
  expect(same).toBe(uri);
});

test("its events are told as those of any other", async () => {
  const rows = await database.kysely.selectFrom("event").select(["kind", "data"]).execute();
  expect(rows.filter(({ data }) => (data as Wire)["name"] === "risk")).toEqual(
    expect.arrayContaining([
      { kind: "registered_model.created", data: { name: "risk", tags: {}, description: null } },
      {
        kind: "model_version.created",
        data: expect.objectContaining({ name: "risk", version: "1", tags: {} }),
      },
    ]),
  );
});

test("a version that a client registered is listed and shown with what is known of it", async () => {
  const made = await server.mlflow("POST", "logged-models", { experiment_id: "0", name: "net" });
  const { info } = made.json<{ model: { info: Wire } }>().model;
  const folder = info["artifact_uri"]!.replace("mlflow-artifacts:/", "");
  await server.send("PUT", `${PROXY}/${folder}/MLmodel`, "flavors: {}");
  await server.mlflow("POST", "registered-models/create", { name: "net" });
  const registered = await server.mlflow("POST", "model-versions/create", {
    name: "net",
    source: `models:/${info["model_id"]}`,
    model_id: info["model_id"],
  });
  expect(registered.status).toBe(200);
  await server.mlflow("POST", "model-versions/create", { name: "net", source: "s3://b/net" });

  const { root, env } = project;
  const listed = await runIn(root, ["models", "net", "--json"], env);
  expect(listed.json<{ models: unknown[] }>().models).toMatchObject([
    { name: "net", version: 2, status: "draft", metrics: {} },
    { name: "net", version: 1, status: "draft", created_by: "tester" },
  ]);
  expect((await runIn(root, ["models"], env)).stdout).toMatch(/^net@2 +draft/m);

  const shown = await runIn(root, ["show", "net@1", "--json"], env);
  expect(shown.json()).toMatchObject({
    artifacts: [{ path: "MLmodel", sha256: digestBytes("flavors: {}"), size_bytes: 11 }],
    record_digest: null,
  });
  const text = (await runIn(root, ["show", "net@2"], env)).stdout;
  expect(text).toContain("model         net@2  s3://b/net");
  expect(text).not.toMatch(/Metrics|Artifacts|next:/);
  const copy = await runIn(root, ["show", "copy@1", "--json"], env);
  const card = await runIn(root, ["show", "risk@1", "--json"], env);
  const { metrics, artifacts } = card.json<Wire>();
  expect(copy.json()).toMatchObject({ metrics, artifacts });

  const predicted = await runIn(
    root,
    ["predict", "net@2", "--data", "x.csv", "--out", "y.csv"],
    env,
  );
  expect(predicted.exitCode).toBe(2);
  expect(predicted.stderr).toContain("expected files in the artifact store, got none");

  await server.mlflow("DELETE", "model-versions/delete", { name: "net", version: "2" });
  const left = await runIn(root, ["models", "net", "--json"], env);
  expect(left.json<{ models: unknown[] }>().models).toMatchObject([{ version: 1 }]);
});

test("prompts are no models, and a deleted version is listed nowhere", async () => {
  const tags = [{ key: "mlflow.prompt.is_prompt", value: "true" }];
  await server.mlflow("POST", "registered-models/create", { name: "greeting", tags });
  const source = "s3://b/prompt";
  await server.mlflow("POST", "model-versions/create", { name: "greeting", source, tags });
  const { root, env } = project;
  expect((await runIn(root, ["models"], env)).stdout).toContain("risk@1");
  expect((await runIn(root, ["datasets", "show", "risk.features"], env)).stdout).toContain(
    "risk@1",
  );
  await server.mlflow("DELETE", "model-versions/delete", { name: "risk", version: "1" });
  const listed = (await runIn(root, ["models"], env)).stdout;
  expect(listed).not.toMatch(/risk@1|greeting/);
  const dataset = (await runIn(root, ["datasets", "show", "risk.features"], env)).stdout;
  expect(dataset).toContain("copy@1");
  expect(dataset).not.toContain("risk@1");
  const again = await runIn(root, ["register", "--json"], env);
  expect(again.json()).toMatchObject({
    records: [{ stage: "data" }, { stage: "features" }, { imported: false, registered: [] }],
  });
});
