import { type CorpusRequest, type Group, get, post, send } from "../request.ts";

const M = "registered-models/";
const V = "model-versions/";
const one = { name: "m-1" };
const v1 = { name: "m-1", version: "1" };

function model(name: string, fields: object, options: object = {}): CorpusRequest {
  return post(`model: ${name}`, `${M}create`, fields, options);
}

function version(name: string, fields: object, options: object = {}): CorpusRequest {
  const given = { ...one, source: "s3://bucket/m", ...fields };
  return post(`version: ${name}`, `${V}create`, given, options);
}

function alias(name: string, fields: object, options: object = {}): CorpusRequest {
  return post(
    `alias: ${name}`,
    `${M}alias`,
    { ...one, alias: "best", version: "1", ...fields },
    options,
  );
}

function stage(name: string, fields: object, options: object = {}): CorpusRequest {
  return post(
    `stage: ${name}`,
    `${V}transition-stage`,
    { ...v1, stage: "Staging", ...fields },
    options,
  );
}

function modelTag(name: string, fields: object, options: object = {}): CorpusRequest {
  return post(
    `model tag: ${name}`,
    `${M}set-tag`,
    { ...one, key: "k", value: "v", ...fields },
    options,
  );
}

function versionTag(name: string, fields: object, options: object = {}): CorpusRequest {
  return post(
    `version tag: ${name}`,
    `${V}set-tag`,
    { ...v1, key: "k", value: "v", ...fields },
    options,
  );
}

function getModel(name: string, model = "m-1"): CorpusRequest {
  return get(`get the model ${name}`, `${M}get`, { name: model });
}

export const models: Group = {
  name: "models",
  requests: [
    post(
      "an experiment",
      "experiments/create",
      { name: "models" },
      { save: { e: "experiment_id" } },
    ),
    post(
      "a run",
      "runs/create",
      { experiment_id: "{{e}}", run_name: "r" },
      { save: { r: "run.info.run_id" } },
    ),
    model("create", one),
    getModel("when new"),
    get("get under ajax-api", "/ajax-api/2.0/mlflow/registered-models/get", one),
    model("with tags and a description", {
      name: "m-2",
      description: "text",
      tags: [
        { key: "a", value: "1" },
        { key: "b", value: "" },
      ],
    }),
    getModel("with tags", "m-2"),
    model("a taken name", one, { says: "already exists" }),
    model("no name", {}),
    model("an empty name", { name: "" }),
    model("a blank name", { name: " " }, { says: "" }),
    model("a number as name", { name: 5 }),
    ...["a/b", "a:b", "..", "."].map((name) => model(`the name ${name}`, { name }, { says: "" })),
    model("a name of 256", { name: "n".repeat(256) }),
    model("a Unicode name with spaces", { name: "Modell größe 漢字" }),
    model("a tag twice", {
      name: "m-tags",
      tags: [
        { key: "a", value: "1" },
        { key: "a", value: "2" },
      ],
    }),
    model(
      "a long tag value",
      { name: "m-long", tags: [{ key: "a", value: "v".repeat(100_001) }] },
      { says: "" },
    ),
    model("a prompt", {
      name: "p-1",
      tags: [
        { key: "mlflow.prompt.is_prompt", value: "true" },
        { key: "mlflow.prompt.text", value: "hi" },
      ],
    }),
    model("the name of a prompt", { name: "p-1" }, { says: "" }),
    get("get a model without a name", `${M}get`),
    getModel("that is unknown", "nobody"),
    send("PATCH", "model: describe", `${M}update`, { ...one, description: "words" }),
    getModel("described"),
    send("PATCH", "model: describe with nothing", `${M}update`, one),
    getModel("described with nothing"),
    send("PATCH", "model: describe an unknown one", `${M}update`, {
      name: "nobody",
      description: "x",
    }),
    send("PATCH", "model: describe without a name", `${M}update`, { description: "x" }),
    send("PATCH", "model: describe in the query", `${M}update?name=m-1`, {}),
    post("model: rename", `${M}rename`, { name: "m-2", new_name: "m-2 renamed" }),
    post(
      "model: rename to a taken name",
      `${M}rename`,
      { name: "m-1", new_name: "m-2 renamed" },
      { says: "" },
    ),
    post(
      "model: rename to its own name",
      `${M}rename`,
      { name: "m-1", new_name: "m-1" },
      { says: "" },
    ),
    post(
      "model: rename to a bad name",
      `${M}rename`,
      { name: "m-1", new_name: "a/b" },
      { says: "" },
    ),
    post("model: rename without a new name", `${M}rename`, one, { says: "" }),
    post("model: rename an unknown one", `${M}rename`, { name: "nobody", new_name: "x" }),

    modelTag("set", {}),
    modelTag("again", { value: "w" }),
    modelTag("without a value", { key: "none", value: undefined }),
    modelTag("without a key", { key: undefined }),
    modelTag("a bad key", { key: "a*" }, { says: "" }),
    modelTag("a key of 250", { key: "k".repeat(250) }),
    modelTag(
      "a key of 251",
      { key: "k".repeat(251) },
      { says: "exceeds the maximum length of 250" },
    ),
    modelTag("a value of 100000", { key: "long", value: "v".repeat(100_000) }),
    modelTag(
      "a value of 100001",
      { key: "long", value: "v".repeat(100_001) },
      { says: "exceeds the maximum length of 100000" },
    ),
    modelTag("of an unknown model", { name: "nobody" }),
    send("DELETE", "model tag: delete", `${M}delete-tag`, { ...one, key: "none" }),
    send("DELETE", "model tag: delete the long one", `${M}delete-tag`, { ...one, key: "long" }),
    send("DELETE", "model tag: delete a missing one", `${M}delete-tag`, { ...one, key: "nobody" }),
    send("DELETE", "model tag: delete without a key", `${M}delete-tag`, one),
    send("DELETE", "model tag: delete of an unknown model", `${M}delete-tag`, {
      name: "nobody",
      key: "k",
    }),

    version("create", {}),
    version("with everything", {
      source: "s3://bucket/2",
      run_id: "{{r}}",
      run_link: "https://example.org/r",
      description: "second",
      tags: [{ key: "a", value: "1" }],
    }),
    version("a third", { source: "s3://bucket/3" }),
    version("of the run's artifacts", {
      source: "mlflow-artifacts:/{{e}}/{{r}}/artifacts/model",
      run_id: "{{r}}",
    }),
    version(
      "of the run's artifacts without the run",
      { source: "mlflow-artifacts:/{{e}}/{{r}}/artifacts/model" },
      { says: "" },
    ),
    version("of runs:/", { source: "runs:/{{r}}/model", run_id: "{{r}}" }),
    version("of runs:/ without the run", { source: "runs:/{{r}}/model" }, { says: "" }),
    version("of another version", { source: "models:/m-1/1" }),
    version("of an unknown version", { source: "models:/m-1/99" }, { says: "" }),
    version("of a local path", { source: "/etc" }, { says: "" }),
    version("of a file URL", { source: "file:///etc" }, { says: "" }),
    version("of a relative path", { source: "s3://bucket/../x" }, { says: "" }),
    version("of an encoded relative path", { source: "s3://bucket/%2e%2e/x" }, { says: "" }),
    version(
      "of an http source",
      { name: "Modell größe 漢字", source: "http://example.org/m" },
      { says: "" },
    ),
    version("without a source", { source: undefined }),
    version("with an empty source", { source: "" }),
    version("without a name", { name: undefined }),
    version("of an unknown model", { name: "nobody" }),
    version("with an unknown run", { run_id: "0123456789abcdef0123456789abcdef" }, { says: "" }),
    version("with a number as description", { description: 5 }),
    version(
      "of a prompt",
      { name: "p-1", source: "dummy", tags: [{ key: "mlflow.prompt.is_prompt", value: "true" }] },
      { says: "" },
    ),
    version("of a prompt by its placeholder", {
      name: "p-1",
      source: "dummy-source",
      tags: [{ key: "mlflow.prompt.is_prompt", value: "true" }],
    }),
    get("get the version", `${V}get`, v1),
    get("get the second version", `${V}get`, { ...one, version: "2" }),
    get("get an unknown version", `${V}get`, { ...one, version: "99" }),
    get("get a version of an unknown model", `${V}get`, { name: "nobody", version: "1" }),
    get("get a version of words", `${V}get`, { ...one, version: "abc" }),
    get("get version 0", `${V}get`, { ...one, version: "0" }),
    get("get version -1", `${V}get`, { ...one, version: "-1" }),
    get("get a version without a number", `${V}get`, one),
    getModel("with versions"),
    get("download URI", `${V}get-download-uri`, { ...one, version: "2" }),
    get("download URI of a copy", `${V}get-download-uri`, { ...one, version: "6" }),
    get("download URI of an unknown version", `${V}get-download-uri`, { ...one, version: "99" }),
    send("PATCH", "version: describe", `${V}update`, { ...v1, description: "words" }),
    send("PATCH", "version: describe with nothing", `${V}update`, v1),
    send("PATCH", "version: describe an unknown one", `${V}update`, {
      ...one,
      version: "99",
      description: "x",
    }),
    send("PATCH", "version: a number as version", `${V}update`, {
      ...one,
      version: 1,
      description: "x",
    }),
    get("get the version described with nothing", `${V}get`, v1),
    versionTag("set", {}),
    versionTag("again", { value: "w" }),
    versionTag("without a value", { key: "none", value: undefined }),
    versionTag("a bad key", { key: "a*" }, { says: "" }),
    versionTag(
      "a key of 251",
      { key: "k".repeat(251) },
      { says: "exceeds the maximum length of 250" },
    ),
    versionTag(
      "a value of 100001",
      { value: "v".repeat(100_001) },
      { says: "exceeds the maximum length of 100000" },
    ),
    versionTag("of an unknown version", { version: "99" }),
    versionTag("of a version of words", { version: "abc" }),
    versionTag("a number as version", { version: 1 }),
    send("DELETE", "version tag: delete", `${V}delete-tag`, { ...v1, key: "none" }),
    send("DELETE", "version tag: delete a missing one", `${V}delete-tag`, { ...v1, key: "nobody" }),
    send("DELETE", "version tag: delete without a key", `${V}delete-tag`, v1),
    get("get the tagged version", `${V}get`, v1),

    alias("set", {}),
    alias("moved", { version: "2" }),
    alias("another", { alias: "Other_1-x" }),
    alias("of 255", { alias: "a".repeat(255) }),
    alias("of 256", { alias: "a".repeat(256) }, { says: "" }),
    ...["latest", "Latest", "v1", "V12", "a b", "a.b", "a/b"].map((name) =>
      alias(`the name ${name}`, { alias: name }, { says: "" }),
    ),
    alias("without a name", { alias: undefined }),
    alias("without a version", { version: undefined }),
    alias("an unknown version", { version: "99" }),
    alias("an unknown model", { name: "nobody" }),
    alias("a version of words", { version: "abc" }),
    get("version by alias", `${M}alias`, { ...one, alias: "best" }),
    get("version by an unknown alias", `${M}alias`, { ...one, alias: "nobody" }),
    get(
      "version by alias of an unknown model",
      `${M}alias`,
      { name: "nobody", alias: "best" },
      { says: "" },
    ),
    get("version by latest", `${M}alias`, { ...one, alias: "latest" }),
    get("version by LATEST", `${M}alias`, { ...one, alias: "LATEST" }),
    get("version by latest of a model without versions", `${M}alias`, {
      name: "m-2 renamed",
      alias: "latest",
    }),
    get("version by no alias", `${M}alias`, one),
    send("DELETE", "alias: delete", `${M}alias`, { ...one, alias: "Other_1-x" }),
    send("DELETE", "alias: delete a missing one", `${M}alias`, { ...one, alias: "nobody" }),
    send("DELETE", "alias: delete of an unknown model", `${M}alias`, {
      name: "nobody",
      alias: "x",
    }),
    send("DELETE", "alias: delete without a name", `${M}alias`, one),
    getModel("with aliases"),
    get("get the version with an alias", `${V}get`, { ...one, version: "2" }),

    stage("to Staging", {}),
    stage("to production, in lower case", { stage: "production" }),
    stage("the second to Production", { version: "2", stage: "Production" }),
    stage("the third to Production, archiving others", {
      version: "3",
      stage: "Production",
      archive_existing_versions: true,
    }),
    get("get the archived version", `${V}get`, v1),
    stage("from archived to None", { stage: "None" }),
    stage("to Archived", { stage: "Archived" }),
    stage(
      "an unknown one",
      { stage: "Live" },
      {
        says: "Invalid Model Version stage: Live. Value must be one of None, Staging, Production, Archived.",
      },
    ),
    stage("none given", { stage: undefined }),
    stage("of an unknown version", { version: "99" }),
    stage("archiving with None", { stage: "None", archive_existing_versions: true }, { says: "" }),
    stage("archiving with a text", { archive_existing_versions: "true" }),
    post("latest versions", `${M}get-latest-versions`, one),
    post("latest versions of two stages", `${M}get-latest-versions`, {
      ...one,
      stages: ["Production", "None"],
    }),
    post("latest versions in lower case", `${M}get-latest-versions`, {
      ...one,
      stages: ["production"],
    }),
    post(
      "latest versions of an unknown stage",
      `${M}get-latest-versions`,
      { ...one, stages: ["Live"] },
      { says: "Invalid Model Version stage" },
    ),
    post("latest versions of an unknown model", `${M}get-latest-versions`, { name: "nobody" }),
    post("latest versions without a name", `${M}get-latest-versions`, {}),
    get("latest versions by GET", `${M}get-latest-versions`, {
      ...one,
      stages: ["Production", "Archived"],
    }),
    getModel("with stages"),

    alias("on the version to delete", { alias: "doomed", version: "4" }),
    send("DELETE", "version: delete", `${V}delete`, { ...one, version: "4" }),
    send("DELETE", "version: delete again", `${V}delete`, { ...one, version: "4" }),
    get("get a deleted version", `${V}get`, { ...one, version: "4" }),
    get("version by the alias of a deleted one", `${M}alias`, { ...one, alias: "doomed" }),
    send("DELETE", "version: delete without a number", `${V}delete`, one),
    send("DELETE", "version: delete in the query", `${V}delete?name=m-1&version=1`, {}),
    version("a number is not used again", { source: "s3://bucket/next" }),
    send("DELETE", "model: delete", `${M}delete`, one),
    send("DELETE", "model: delete again", `${M}delete`, one),
    send("DELETE", "model: delete without a name", `${M}delete`, {}),
    getModel("when deleted"),
    get("get a version of a deleted model", `${V}get`, v1),
    model("create again", one),
    version("numbers begin at 1 again", {}),
    get("the wrong method", `${M}create`),
    post("another wrong method", `${M}delete`, one),
    post("text that is no JSON", `${M}create`, "{"),
  ],
};
