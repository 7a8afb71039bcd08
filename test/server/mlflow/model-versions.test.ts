import { expect, test } from "vitest";
import { insertRun } from "../../../src/tracking/run-queries.ts";
import { testServer } from "../../support/server.ts";

const { mlflow, database } = await testServer();

type Version = Readonly<Record<string, unknown>> & Readonly<{ version: string }>;

async function model(name: string, versions = 0): Promise<void> {
  await mlflow("POST", "registered-models/create", { name });
  for (let i = 0; i < versions; i += 1) await create({ name });
}

async function create(fields: Readonly<Record<string, unknown>>): Promise<Version> {
  const reply = await mlflow("POST", "model-versions/create", {
    source: "s3://bucket/m",
    ...fields,
  });
  expect(reply.status, reply.text).toBe(200);
  return reply.json<{ model_version: Version }>().model_version;
}

async function get(name: string, version: string): Promise<Version> {
  const reply = await mlflow("GET", "model-versions/get", { name, version });
  return reply.json<{ model_version: Version }>().model_version;
}

async function stages(name: string): Promise<Record<string, unknown>> {
  const reply = await mlflow("POST", "registered-models/get-latest-versions", { name });
  const { model_versions = [] } = reply.json<{ model_versions?: Version[] }>();
  return Object.fromEntries(model_versions.map((v) => [v["current_stage"], v.version]));
}

async function events(name: string) {
  const rows = await database.kysely
    .selectFrom("event")
    .select(["kind", "data"])
    .orderBy("id")
    .execute();
  return rows
    .map(({ kind, data }) => ({ kind, ...(data as Record<string, unknown>) }))
    .filter((event) => "name" in event && event.name === name);
}

test("a version is made, read, described and tagged", async () => {
  await model("read");
  const made = await create({
    name: "read",
    run_id: "elsewhere",
    run_link: "https://ci/1",
    description: "first",
    tags: [{ key: "a", value: "1" }],
  });
  expect(made).toEqual({
    name: "read",
    version: "1",
    creation_timestamp: expect.any(Number),
    last_updated_timestamp: expect.any(Number),
    current_stage: "None",
    description: "first",
    source: "s3://bucket/m",
    run_id: "elsewhere",
    status: "READY",
    tags: [{ key: "a", value: "1" }],
    run_link: "https://ci/1",
  });
  expect(await get("read", "1")).toEqual(made);
  expect(await create({ name: "read" })).toMatchObject({
    version: "2",
    description: "",
    run_id: "",
    run_link: "",
  });

  const key = { name: "read", version: "1" };
  const described = await mlflow("PATCH", "model-versions/update", { ...key, description: "d" });
  expect(described.json()).toMatchObject({ model_version: { description: "d" } });
  const cleared = await mlflow("PATCH", "model-versions/update", key);
  expect(cleared.json<{ model_version: Version }>().model_version).not.toHaveProperty(
    "description",
  );
  await mlflow("POST", "model-versions/set-tag", { ...key, key: "b", value: "2" });
  for (let i = 0; i < 2; i += 1) {
    const reply = await mlflow("DELETE", "model-versions/delete-tag", { ...key, key: "a" });
    expect([reply.status, reply.text]).toEqual([200, "{}"]);
  }
  expect((await get("read", "1"))["tags"]).toEqual([{ key: "b", value: "2" }]);

  const created = { kind: "model_version.created", name: "read", source: "s3://bucket/m" };
  expect((await events("read")).slice(1)).toEqual([
    { ...created, version: "1", run_id: "elsewhere", tags: { a: "1" }, description: "first" },
    { ...created, version: "2", run_id: null, tags: {}, description: null },
    { kind: "model_version_tag.set", ...key, key: "b", value: "2" },
    { kind: "model_version_tag.deleted", ...key, key: "a" },
  ]);
});

test("two versions at the same time get two numbers", async () => {
  await model("race");
  const made = await Promise.all(Array.from({ length: 6 }, () => create({ name: "race" })));
  expect(made.map(({ version }) => Number(version)).sort()).toEqual([1, 2, 3, 4, 5, 6]);
});

test("writers of every kind at the same time get answers, and what they leave is whole", async () => {
  await model("busy", 3);
  const name = "busy";
  const rounds = [0, 1, 2].flatMap((round) => [
    mlflow("POST", "model-versions/create", { name, source: "s3://b" }),
    mlflow("POST", "registered-models/alias", { name, alias: "a", version: String(round + 1) }),
    mlflow("DELETE", "model-versions/delete", { name, version: String(round + 1) }),
    mlflow("POST", "model-versions/transition-stage", {
      name,
      version: String(3 - round),
      stage: "Production",
      archive_existing_versions: true,
    }),
    mlflow("POST", "model-versions/set-tag", { name, version: "2", key: "k", value: "v" }),
    mlflow("POST", "registered-models/rename", { name, new_name: `busy-${round}` }),
    mlflow("DELETE", "registered-models/delete", { name: `busy-${round}` }),
    mlflow("POST", "registered-models/create", { name }),
  ]);
  for (const { status, text } of await Promise.all(rounds)) {
    expect([200, 400, 404], text).toContain(status);
  }
  await mlflow("POST", "registered-models/create", { name });
  const { version } = await create({ name });
  expect(await get(name, version)).toMatchObject({ version, current_stage: "None" });
  const dangling = await database.kysely
    .selectFrom("registered_model_aliases as a")
    .innerJoin("model_version_detail as v", (join) =>
      join.onRef("v.model_id", "=", "a.model_id").onRef("v.version", "=", "a.version"),
    )
    .select("a.alias")
    .where("v.status", "=", "deleted")
    .execute();
  expect(dangling).toEqual([]);
});

test("a deleted version is gone with its aliases, and its number is not used again", async () => {
  await model("del", 2);
  await mlflow("POST", "registered-models/alias", { name: "del", alias: "best", version: "2" });
  const key = { name: "del", version: "2" };
  expect((await mlflow("DELETE", "model-versions/delete", key)).text).toBe("{}");
  for (const call of [
    mlflow("GET", "model-versions/get", key),
    mlflow("DELETE", "model-versions/delete", key),
    mlflow("GET", "model-versions/get-download-uri", key),
    mlflow("POST", "model-versions/set-tag", { ...key, key: "k", value: "v" }),
    mlflow("POST", "model-versions/transition-stage", { ...key, stage: "Staging" }),
  ]) {
    const reply = await call;
    expect([reply.status, reply.json()["message"]]).toEqual([
      404,
      "Model Version (name=del, version=2) not found",
    ]);
  }
  const alias = await mlflow("GET", "registered-models/alias", { name: "del", alias: "best" });
  expect(alias.status).toBe(400);
  const row = await database.kysely
    .selectFrom("model_version_detail")
    .select(["source", "uri", "mlflow_run_id", "status"])
    .where("status", "=", "deleted")
    .executeTakeFirstOrThrow();
  expect(row).toEqual({ source: "", uri: "", mlflow_run_id: null, status: "deleted" });
  expect(await create({ name: "del" })).toMatchObject({ version: "3" });

  await mlflow("POST", "registered-models/rename", { name: "del", new_name: "del2" });
  expect(await create({ name: "del2" })).toMatchObject({ version: "4" });
  await mlflow("DELETE", "registered-models/delete", { name: "del2" });
  await model("del2");
  expect(await create({ name: "del2" })).toMatchObject({ version: "1" });
});

test("stages: any move is taken in any case, and others are archived when asked", async () => {
  await model("staged", 3);
  const move = (version: string, stage: string, archive?: boolean) =>
    mlflow("POST", "model-versions/transition-stage", {
      name: "staged",
      version,
      stage,
      ...(archive === undefined ? {} : { archive_existing_versions: archive }),
    });
  expect((await move("1", "pRoDuCtIoN")).json()).toMatchObject({
    model_version: { current_stage: "Production", version: "1" },
  });
  await move("2", "Production");
  await move("3", "staging");
  expect(await stages("staged")).toEqual({ Production: "2", Staging: "3" });
  await move("3", "Production", true);
  expect((await get("staged", "1"))["current_stage"]).toBe("Archived");
  expect(await stages("staged")).toEqual({ Archived: "2", Production: "3" });
  expect((await move("3", "None")).json()).toMatchObject({
    model_version: { current_stage: "None" },
  });
  const changes = (await events("staged")).filter((e) => e.kind === "model_version.stage_changed");
  expect(
    changes
      .map((e) => {
        const { version, previous_stage, stage } = e as unknown as Record<string, string>;
        return `${version}: ${previous_stage} -> ${stage}`;
      })
      .sort(), // those of one transaction have one time
  ).toEqual([
    "1: None -> Production",
    "1: Production -> Archived",
    "2: None -> Production",
    "2: Production -> Archived",
    "3: None -> Staging",
    "3: Production -> None",
    "3: Staging -> Production",
  ]);
  const audited = await database.kysely
    .selectFrom("audit_event")
    .select(["object_version", "before", "after"])
    .where("action", "=", "model_version.transition")
    .where("object_id", "=", "staged")
    .execute();
  expect(audited).toHaveLength(7);

  const unknown = await move("1", "Live");
  expect([unknown.status, unknown.json()["message"]]).toEqual([
    400,
    "Invalid Model Version stage: Live. Value must be one of None, Staging, Production, Archived.",
  ]);
  expect((await move("1", "Archived", true)).status).toBe(400);
});

test("latest versions: of one stage or all, by POST and GET, and inside of the model", async () => {
  await model("latest", 3);
  await mlflow("POST", "model-versions/transition-stage", {
    name: "latest",
    version: "2",
    stage: "Staging",
  });
  await mlflow("POST", "registered-models/alias", { name: "latest", alias: "a", version: "3" });
  const path = "registered-models/get-latest-versions";
  for (const method of ["GET", "POST"] as const) {
    const one = await mlflow(method, path, { name: "latest", stages: ["staging"] });
    const { model_versions } = one.json<{ model_versions: Version[] }>();
    expect(model_versions.map(({ version }) => version)).toEqual(["2"]);
    const all = await mlflow(method, path, { name: "latest" });
    expect(all.json<{ model_versions: Version[] }>().model_versions).toMatchObject([
      { version: "3", aliases: ["a"] },
      { version: "2" },
    ]);
  }
  const none = await mlflow("POST", path, { name: "latest", stages: ["Production"] });
  expect([none.status, none.text]).toEqual([200, "{}"]);
  expect((await mlflow("POST", path, { name: "latest", stages: ["Live"] })).status).toBe(400);
  expect((await mlflow("POST", path, { name: "nobody" })).status).toBe(404);
  const whole = await mlflow("GET", "registered-models/get", { name: "latest" });
  expect(whole.json()).toMatchObject({
    registered_model: {
      latest_versions: [{ version: "3", aliases: ["a"] }, { version: "2" }],
      aliases: [{ alias: "a", version: "3" }],
    },
  });
});

test.each([
  ["POST", "create", { source: "s3://b" }, "'name'"],
  ["POST", "create", { name: "x" }, "'source'"],
  ["GET", "get", { name: "x", version: "abc" }, "must be an integer, got 'abc'."],
  [
    "POST",
    "set-tag",
    { name: "x", version: 1, key: "k" },
    "Invalid value 1 for parameter 'version'",
  ],
  ["POST", "create", { name: "x", source: "s3://b", run_id: "r".repeat(257) }, "'Run ID' exceeds"],
  ["POST", "create", { name: "x", source: "s3://b", description: "\0" }, "Invalid value"],
  [
    "POST",
    "set-tag",
    { name: "x", version: "1", key: "k", value: "v".repeat(100_001) },
    "'Tag value' exceeds",
  ],
] as const)("%s %s %j is 400", async (method, path, fields, phrase) => {
  const reply = await mlflow(method, `model-versions/${path}`, fields);
  expect(reply.json()["message"]).toContain(phrase);
  expect(reply.status).toBe(400);
});

test.each(["0", "-1", "7", "2147483648", "9".repeat(400)])("version %s is 404", async (version) => {
  const reply = await mlflow("GET", "model-versions/get", { name: "read", version });
  expect(reply.status).toBe(404);
});

test("a version of a model that is not there", async () => {
  const made = await mlflow("POST", "model-versions/create", { name: "nobody", source: "s3://b" });
  expect([made.status, made.json()["message"]]).toEqual([
    404,
    "Registered Model with name=nobody not found",
  ]);
  const key = { name: "nobody", version: "1" };
  const deleted = await mlflow("DELETE", "model-versions/delete", key);
  expect([deleted.status, deleted.json()["message"]]).toEqual([
    404,
    "Model Version (name=nobody, version=1) not found",
  ]);
});

const RUN = "ab".repeat(16);

test("a source among our artifacts has to lie in those of the run that is named", async () => {
  await insertRun(database.kysely, {
    runId: RUN,
    experimentId: 0,
    name: "r",
    user: "u",
    status: "FINISHED",
    startedAt: null,
    endedAt: null,
    recordDigest: null,
  });
  await model("sources");
  const attempt = (source: string, run_id?: string) =>
    mlflow("POST", "model-versions/create", {
      name: "sources",
      source,
      ...(run_id ? { run_id } : {}),
    });
  const folder = `mlflow-artifacts:/0/${RUN}/artifacts`;
  for (const [source, runId] of [
    [folder, undefined],
    [`${folder}/m`, "another"],
    [`${folder}2/m`, RUN],
    ["mlflow-artifacts:/0", RUN],
    [`runs:/${RUN}/m`, undefined],
    [`runs:/${RUN}/m`, "another"],
    ["/etc/passwd", RUN],
    ["file:///etc", undefined],
    [`${folder}/../x`, RUN],
  ] as const) {
    const reply = await attempt(source, runId);
    expect([source, reply.status]).toEqual([
      source,
      runId === "another" && source !== `runs:/${RUN}/m` ? 404 : 400,
    ]);
  }
  const refused = await attempt(folder);
  expect(refused.json()["message"]).toContain(
    "must identify the resource that contains the source.",
  );

  const uriOf = async (version: string) => {
    const reply = await mlflow("GET", "model-versions/get-download-uri", {
      name: "sources",
      version,
    });
    return reply.json()["artifact_uri"];
  };
  const made = [];
  for (const [source, runId] of [
    [`${folder}/m`, RUN],
    [`runs:/${RUN}/m`, RUN],
    ["models:/sources/2", undefined],
    ["s3://bucket/x", "another"],
    ["runs:/elsewhere/m", "elsewhere"],
  ] as const) {
    const reply = await attempt(source, runId);
    expect(reply.json(), source).toMatchObject({ model_version: { source } });
    made.push(reply.json<{ model_version: Version }>().model_version.version);
  }
  expect(await Promise.all(made.map(uriOf))).toEqual([
    `${folder}/m`,
    `${folder}/m`,
    `${folder}/m`,
    "s3://bucket/x",
    "runs:/elsewhere/m",
  ]);
  const missing = await attempt("models:/sources/99");
  expect(missing.status).toBe(404);
});

test("a server with a pattern of sources refuses others, as MLflow does", async () => {
  const guarded = await testServer({}, { allowedSources: /^s3:\/\/approved\//u });
  await guarded.mlflow("POST", "registered-models/create", { name: "guarded" });
  const send = (source: string) =>
    guarded.mlflow("POST", "model-versions/create", { name: "guarded", source });
  expect((await send("s3://approved/m")).status).toBe(200);
  const refused = await send("s3://elsewhere/m");
  expect(refused.status).toBe(400);
  expect(refused.json()).toMatchObject({
    error_code: "INVALID_PARAMETER_VALUE",
    message: expect.stringContaining("Invalid model version source: 's3://elsewhere/m'."),
  });
});
