import { type CorpusRequest, type Group, get, post } from "../request.ts";

const run = { run_id: "{{r}}" };
const UNKNOWN = "0123456789abcdef0123456789abcdef";

function tags(values: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

function start(name: string, fields: object, options: object = {}): CorpusRequest {
  return post(`start ${name}`, "runs/create", { experiment_id: "{{e}}", ...fields }, options);
}

function param(name: string, key: unknown, value: unknown, options: object = {}): CorpusRequest {
  return post(name, "runs/log-parameter", { ...run, key, value }, options);
}

function tag(name: string, key: unknown, value: unknown, options: object = {}): CorpusRequest {
  return post(name, "runs/set-tag", { ...run, key, value }, options);
}

function update(name: string, fields: object, options: object = {}): CorpusRequest {
  return post(name, "runs/update", { ...run, ...fields }, options);
}

const DATASET = {
  name: "d",
  digest: "abc",
  source_type: "local",
  source: '{"uri":"/tmp/d.csv"}',
  schema: '{"mlflow_colspec":[]}',
  profile: '{"num_rows":3}',
};

function inputs(name: string, datasets: unknown, options: object = {}): CorpusRequest {
  return post(name, "runs/log-inputs", { ...run, datasets }, options);
}

/** On a run that is not read again: MLflow keeps them. */
function incomplete(name: string, datasets: unknown, options: object = {}): CorpusRequest {
  return post(name, "runs/log-inputs", { run_id: "{{r2}}", datasets }, options);
}

export const runs: Group = {
  name: "runs",
  requests: [
    post("an experiment", "experiments/create", { name: "runs" }, { save: { e: "experiment_id" } }),
    start(
      "one with everything",
      {
        user_id: "ada",
        run_name: "first",
        start_time: 1000,
        tags: tags({ "mlflow.user": "ada", "mlflow.source.type": "LOCAL", a: "" }),
      },
      { save: { r: "run.info.run_id" } },
    ),
    get("get it", "runs/get", run),
    get("get it by run_uuid", "runs/get", { run_uuid: "{{r}}" }),
    get("get it under ajax-api", "/ajax-api/2.0/mlflow/runs/get", run),
    start("one without a name", {}, { save: { r2: "run.info.run_id" } }),
    get("get one with a generated name", "runs/get", { run_id: "{{r2}}" }),
    start("one named by its tag", { tags: tags({ "mlflow.runName": "by tag" }) }),
    start("one named twice alike", { run_name: "same", tags: tags({ "mlflow.runName": "same" }) }),
    start(
      "one named in two ways",
      { run_name: "x", tags: tags({ "mlflow.runName": "y" }) },
      { says: "" },
    ),
    start("one with an empty name", { run_name: "" }),
    start("one with a start time as text", { run_name: "text time", start_time: "1234" }),
    start("one with a negative start time", { run_name: "negative", start_time: -5 }, { says: "" }),
    start("one with a fraction as start time", { run_name: "f", start_time: 1.5 }, { says: "" }),
    start("one with words as start time", { run_name: "w", start_time: "soon" }),
    start("one with a number as name", { run_name: 5 }),
    start(
      "one with a tag twice",
      { run_name: "t", tags: tags({ a: "1" }).concat(tags({ a: "2" })) },
      { says: "" },
    ),
    start("one with a long tag", { run_name: "l", tags: tags({ a: "v".repeat(8000) }) }),
    start("one with a longer tag", { run_name: "l", tags: tags({ a: "v".repeat(8001) }) }),
    start(
      "one with a bad tag key",
      { run_name: "b", tags: tags({ "a*": "1" }) },
      { says: "Names may only contain" },
    ),
    start("one with a tag without a key", { run_name: "b", tags: [{ value: "x" }] }, { says: "" }),
    start(
      "one inside another",
      { run_name: "child", start_time: 5, tags: tags({ "mlflow.parentRunId": "{{r}}" }) },
      { save: { child: "run.info.run_id" } },
    ),
    post("start without an experiment", "runs/create", { run_name: "x" }, { says: "" }),
    post("start in an empty experiment", "runs/create", { experiment_id: "" }, { says: "" }),
    post("start in an unknown experiment", "runs/create", { experiment_id: "987654321" }),
    post("start in an experiment of words", "runs/create", { experiment_id: "abc" }),
    get("get without an id", "runs/get"),
    get("get an unknown id", "runs/get", { run_id: UNKNOWN }),
    get("get a malformed id", "runs/get", { run_id: "not/an id" }),

    update("finish", { status: "FINISHED", end_time: 2000 }),
    update("a status by its number", { status: 4 }),
    update("a status by its number as text", { status: "5" }, { says: "" }),
    update("an unknown status", { status: "DONE" }, { says: "" }),
    update("a status out of range", { status: 9 }, { says: "" }),
    update("rename", { run_name: "renamed" }),
    get("get renamed", "runs/get", run),
    update("an empty name changes nothing", { run_name: "" }),
    update("nothing", {}),
    update("back to running", { status: "RUNNING" }),
    get("get updated", "runs/get", run),
    update("an end time as text", { end_time: "3000" }),
    update("an end time of words", { end_time: "later" }),
    post("update without an id", "runs/update", { status: "FINISHED" }),
    post("update an unknown run", "runs/update", { run_id: UNKNOWN, status: "FINISHED" }),
    post("update by run_uuid", "runs/update", { run_uuid: "{{r}}", status: "SCHEDULED" }),

    tag("set a tag", "color", "blue"),
    tag("set it again", "color", "red"),
    tag("set a tag without a value", "none", undefined),
    tag("rename by a tag", "mlflow.runName", "by tag"),
    get("get renamed by a tag", "runs/get", run),
    tag("an empty name tag", "mlflow.runName", ""),
    tag("a tag value of 8000", "long", "v".repeat(8000)),
    tag("a tag value of 8001", "longer", "v".repeat(8001)),
    tag("a tag key of 250", "k".repeat(250), "x"),
    tag("a tag key of 251", "k".repeat(251), "x", { says: "exceeds the maximum length of 250" }),
    tag("a tag without a key", undefined, "x"),
    tag("a tag with an empty key", "", "x"),
    tag("a tag with marks in its key", "a(b)", "x", { says: "Names may only contain" }),
    ...["..", "../a", "/a", "a//b", "a/", ".", "a/../b", "./a"].map((key) =>
      tag(`a tag with the path ${key} as key`, key, "x", { says: "" }),
    ),
    tag("a tag with a Unicode key", "größe/α.β-γ δ:_", "漢字"),
    tag("a tag with a number as value", "n", 1),
    tag("a tag with a number as key", 5, "x"),
    post("a tag of an unknown run", "runs/set-tag", { run_id: UNKNOWN, key: "k", value: "v" }),
    post("a tag without a run", "runs/set-tag", { key: "k", value: "v" }),
    post("a tag by run_uuid", "runs/set-tag", { run_uuid: "{{r}}", key: "uuid", value: "v" }),
    post("delete a tag", "runs/delete-tag", { ...run, key: "none" }),
    post("delete a missing tag", "runs/delete-tag", { ...run, key: "nobody" }, { says: "" }),
    post("delete a tag without a key", "runs/delete-tag", run),
    post("delete a tag of an unknown run", "runs/delete-tag", { run_id: UNKNOWN, key: "k" }),
    post("delete a long tag", "runs/delete-tag", { ...run, key: "long" }),
    post("delete a longer tag", "runs/delete-tag", { ...run, key: "longer" }),

    param("a param", "lr", "0.1"),
    param("the same value again", "lr", "0.1"),
    param("another value", "lr", "0.2", { says: "Changing param values is not allowed." }),
    param("a param without a value", "nothing", undefined),
    param("a param with an empty value", "empty", ""),
    param("a param value of 6000", "long", "v".repeat(6000)),
    param("a param value of 6001", "longer", "v".repeat(6001)),
    param("a param key of 250", "k".repeat(250), "x"),
    param("a param key of 251", "k".repeat(251), "x", {
      says: "exceeds the maximum length of 250",
    }),
    param("a param without a key", undefined, "x"),
    param("a param with marks in its key", "a#b", "x", { says: "Names may only contain" }),
    param("a param with a path as key", "a/../b", "x", { says: "" }),
    param("a param with a number as value", "n", 1),
    post("a param of an unknown run", "runs/log-parameter", {
      run_id: UNKNOWN,
      key: "k",
      value: "v",
    }),
    post("a param by run_uuid", "runs/log-parameter", { run_uuid: "{{r}}", key: "u", value: "v" }),
    get("get with params and tags", "runs/get", run),

    inputs("log a dataset", [
      { tags: [{ key: "mlflow.data.context", value: "train" }], dataset: DATASET },
    ]),
    inputs("log it again with another tag", [
      { tags: [{ key: "mlflow.data.context", value: "test" }], dataset: DATASET },
    ]),
    inputs("log a dataset without schema and profile", [
      { dataset: { name: "plain", digest: "1", source_type: "http", source: "{}" } },
    ]),
    inputs("log no dataset", []),
    incomplete("log a dataset without a name", [{ dataset: { ...DATASET, name: undefined } }], {
      says: "",
    }),
    incomplete("log a dataset without a digest", [{ dataset: { ...DATASET, digest: undefined } }], {
      says: "",
    }),
    incomplete("log a dataset without a source", [{ dataset: { ...DATASET, source: undefined } }], {
      says: "",
    }),
    incomplete(
      "log a dataset without a source type",
      [{ dataset: { ...DATASET, source_type: undefined } }],
      { says: "" },
    ),
    incomplete("log an input without a dataset", [{ tags: [] }], { says: "" }),
    inputs("log a dataset name of 500", [{ dataset: { ...DATASET, name: "n".repeat(500) } }]),
    inputs("log a dataset name of 501", [{ dataset: { ...DATASET, name: "n".repeat(501) } }], {
      says: "",
    }),
    inputs("log a digest of 36", [{ dataset: { ...DATASET, name: "e", digest: "d".repeat(36) } }]),
    inputs("log a digest of 37", [{ dataset: { ...DATASET, name: "e", digest: "d".repeat(37) } }], {
      says: "",
    }),
    inputs("log an input tag of 255 and 500", [
      {
        tags: [{ key: "t".repeat(255), value: "v".repeat(500) }],
        dataset: { ...DATASET, name: "f" },
      },
    ]),
    inputs(
      "log an input tag key of 256",
      [{ tags: [{ key: "t".repeat(256), value: "v" }], dataset: { ...DATASET, name: "g" } }],
      { says: "" },
    ),
    inputs(
      "log an input tag value of 501",
      [{ tags: [{ key: "t", value: "v".repeat(501) }], dataset: { ...DATASET, name: "g" } }],
      { says: "" },
    ),
    post("log inputs of an unknown run", "runs/log-inputs", { run_id: UNKNOWN, datasets: [] }),
    post("log inputs without a run", "runs/log-inputs", { datasets: [] }),
    get("get with datasets", "runs/get", run),
    post("log an output", "runs/outputs", {
      run_id: "{{child}}",
      models: [{ model_id: "m-1", step: 3 }],
    }),
    post("log no output", "runs/outputs", { run_id: "{{child}}", models: [] }, { says: "" }),
    post("log outputs without a run", "runs/outputs", { models: [{ model_id: "m-1", step: 0 }] }),
    get("get with an output", "runs/get", { run_id: "{{child}}" }),
    post("log a model as 2.x does", "runs/log-model", {
      run_id: "{{child}}",
      model_json: JSON.stringify({
        run_id: "{{child}}",
        artifact_path: "model",
        utc_time_created: "2026-01-01 00:00:00.000000",
        flavors: { python_function: { loader_module: "x" } },
      }),
    }),
    get("get with the model's history", "runs/get", { run_id: "{{child}}" }),
    post(
      "log a model without flavors",
      "runs/log-model",
      {
        run_id: "{{child}}",
        model_json: JSON.stringify({ artifact_path: "x" }),
      },
      { says: "" },
    ),
    post(
      "log a model that is no JSON",
      "runs/log-model",
      { run_id: "{{child}}", model_json: "{" },
      { says: "" },
    ),
    post("log a model without JSON", "runs/log-model", { run_id: "{{child}}" }),

    post("delete", "runs/delete", run),
    post("delete again", "runs/delete", run),
    get("get deleted", "runs/get", run),
    tag("tag a deleted run", "k", "v"),
    param("a param of a deleted run", "k", "v"),
    update("update a deleted run", { status: "FAILED" }),
    post("a metric of a deleted run", "runs/log-metric", {
      ...run,
      key: "m",
      value: 1,
      timestamp: 1,
    }),
    post("a batch of a deleted run", "runs/log-batch", { ...run, metrics: [] }),
    post("a batch of a deleted run with a tag", "runs/log-batch", {
      ...run,
      tags: tags({ a: "b" }),
    }),
    inputs("inputs of a deleted run", []),
    post("untag a deleted run", "runs/delete-tag", { ...run, key: "color" }),
    post("restore", "runs/restore", run),
    post("restore again", "runs/restore", run),
    post("delete an unknown run", "runs/delete", { run_id: UNKNOWN }),
    post("restore an unknown run", "runs/restore", { run_id: UNKNOWN }),
    post("delete without an id", "runs/delete", {}),
    post("delete the child", "runs/delete", { run_id: "{{child}}" }),
    post("delete the experiment", "experiments/delete", { experiment_id: "{{e}}" }),
    tag("tag a run of a deleted experiment", "k", "v"),
    post("restore a run in a deleted experiment", "runs/restore", run),
    tag("tag a restored run of a deleted experiment", "k", "v"),
    post("restore the experiment", "experiments/restore", { experiment_id: "{{e}}" }),
    get("the child is revived", "runs/get", { run_id: "{{child}}" }),
  ],
};
