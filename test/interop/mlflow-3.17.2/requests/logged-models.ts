import { type CorpusRequest, type Group, get, post, send } from "../request.ts";

const L = "logged-models";
const UNKNOWN = "m-0123456789abcdef0123456789abcdef";

function create(name: string, fields: object, options: object = {}): CorpusRequest {
  return post(`create ${name}`, L, { experiment_id: "{{x}}", ...fields }, options);
}

function status(name: string, value: unknown, options: object = {}): CorpusRequest {
  return send(
    "PATCH",
    `status ${name}`,
    `${L}/{{m}}`,
    { model_id: "{{m}}", status: value },
    options,
  );
}

function search(name: string, fields: object, options: object = {}): CorpusRequest {
  return post(`search ${name}`, `${L}/search`, { experiment_ids: ["{{e}}"], ...fields }, options);
}

function find(filter: string, options: object = {}): CorpusRequest {
  return search(filter, { filter, order_by: [{ field_name: "name" }] }, options);
}

function order(...order_by: readonly object[]): CorpusRequest {
  return search(`by ${JSON.stringify(order_by)}`, { order_by });
}

function metrics(
  model: string,
  values: Readonly<Record<string, number | string>>,
  data: object = {},
) {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value,
    timestamp: 1,
    step: 0,
    model_id: `{{${model}}}`,
    ...data,
  }));
}

export const loggedModels: Group = {
  name: "logged-models",
  requests: [
    post(
      "an experiment",
      "experiments/create",
      { name: "logged models" },
      { save: { e: "experiment_id" } },
    ),
    post(
      "an experiment for others",
      "experiments/create",
      { name: "logged models, others" },
      { save: { x: "experiment_id" } },
    ),
    post(
      "a run",
      "runs/create",
      { experiment_id: "{{e}}", run_name: "r" },
      { save: { r: "run.info.run_id" } },
    ),
    create(
      "with everything",
      {
        experiment_id: "{{e}}",
        name: "first",
        model_type: "forest",
        source_run_id: "{{r}}",
        params: [
          { key: "lr", value: "0.1" },
          { key: "b", value: "" },
        ],
        tags: [{ key: "team", value: "blue" }],
      },
      { save: { m: "model.info.model_id" } },
    ),
    get("get", `${L}/{{m}}`),
    get("get under ajax-api", "/ajax-api/2.0/mlflow/logged-models/{{m}}"),
    create("without a name", {}, { save: { g: "model.info.model_id" } }),
    create("with an empty name", { name: "" }),
    create("without an experiment", { experiment_id: undefined }),
    create("in an unknown experiment", { experiment_id: "987654321" }, { says: "" }),
    create("with a number as name", { name: 5 }),
    ...["a/b", "a:b", "a.b", "a%b", 'a"b', "a'b"].map((name) =>
      create(`named ${name}`, { name }, { says: "" }),
    ),
    create(
      "with a param twice",
      {
        name: "p",
        params: [
          { key: "a", value: "1" },
          { key: "a", value: "1" },
        ],
      },
      { says: "" },
    ),
    create(
      "with a long param",
      { name: "p", params: [{ key: "a", value: "v".repeat(6001) }] },
      { says: "" },
    ),
    create(
      "with a bad param key",
      { name: "p", params: [{ key: "a*", value: "1" }] },
      { says: "" },
    ),
    create("with a bad tag key", { name: "p", tags: [{ key: "a*", value: "1" }] }, { says: "" }),
    create(
      "of an unknown run",
      { name: "no run", source_run_id: "0123456789abcdef0123456789abcdef" },
      { says: "" },
    ),
    get("get an unknown one", `${L}/${UNKNOWN}`),
    get("get a malformed id", `${L}/nobody`),
    status("ready", "LOGGED_MODEL_READY"),
    status("by its number", 3),
    status("back to pending", "LOGGED_MODEL_PENDING"),
    status("unknown", "DONE", { says: "" }),
    status("none", undefined),
    status("ready again", "LOGGED_MODEL_READY"),
    send("PATCH", "status without model_id", `${L}/{{m}}`, { status: "LOGGED_MODEL_READY" }),
    send("PATCH", "status of an unknown one", `${L}/${UNKNOWN}`, {
      model_id: UNKNOWN,
      status: "LOGGED_MODEL_READY",
    }),
    send("PATCH", "set tags", `${L}/{{m}}/tags`, {
      tags: [
        { key: "team", value: "red" },
        { key: "x", value: "1" },
      ],
    }),
    send("PATCH", "set no tags", `${L}/{{m}}/tags`, { tags: [] }, { says: "" }),
    send(
      "PATCH",
      "set a bad tag",
      `${L}/{{g}}/tags`,
      { tags: [{ key: "a*", value: "1" }] },
      { says: "" },
    ),
    send("PATCH", "set tags of an unknown one", `${L}/${UNKNOWN}/tags`, {
      tags: [{ key: "a", value: "1" }],
    }),
    send("DELETE", "delete a tag", `${L}/{{m}}/tags/x`, {}),
    send("DELETE", "delete a missing tag", `${L}/{{m}}/tags/nobody`, {}, { says: "" }),
    send("DELETE", "delete a tag of an unknown one", `${L}/${UNKNOWN}/tags/x`, {}),
    post("log params", `${L}/{{m}}/params`, {
      model_id: "{{m}}",
      params: [{ key: "c", value: "2" }],
    }),
    post(
      "log a param again",
      `${L}/{{m}}/params`,
      { model_id: "{{m}}", params: [{ key: "c", value: "2" }] },
      { says: "" },
    ),
    post("log params without model_id", `${L}/{{m}}/params`, {
      params: [{ key: "d", value: "2" }],
    }),
    post(
      "log params of an unknown one",
      `${L}/${UNKNOWN}/params`,
      { model_id: UNKNOWN, params: [{ key: "d", value: "2" }] },
      { says: "" },
    ),
    post("link it to the run", "runs/outputs", {
      run_id: "{{r}}",
      models: [{ model_id: "{{m}}", step: 0 }],
    }),
    post("log metrics of it", "runs/log-batch", {
      run_id: "{{r}}",
      metrics: metrics("m", { acc: 0.5, loss: 2 }, { dataset_name: "d", dataset_digest: "1" }),
    }),
    post("log a metric of it", "runs/log-metric", {
      run_id: "{{r}}",
      key: "one",
      value: 1,
      timestamp: 2,
      model_id: "{{m}}",
    }),
    get("get with metrics", `${L}/{{m}}`),
    get("the run has them too", "runs/get", { run_id: "{{r}}" }),
    create(
      "a second",
      {
        experiment_id: "{{e}}",
        name: "second",
        model_type: "net",
        source_run_id: "{{r}}",
        tags: [{ key: "team", value: "Blue" }],
        params: [{ key: "lr", value: "0.2" }],
      },
      { save: { n: "model.info.model_id" } },
    ),
    create(
      "a third",
      { experiment_id: "{{e}}", name: "Third" },
      { save: { o: "model.info.model_id" } },
    ),
    post("log metrics of the second", "runs/log-batch", {
      run_id: "{{r}}",
      metrics: metrics("n", { acc: 0.9 }),
    }),
    get("directories of a new one", `${L}/{{m}}/artifacts/directories`),
    get("directories of an unknown one", `${L}/${UNKNOWN}/artifacts/directories`),
    post("register it", "registered-models/create", { name: "registered" }),
    post("a version of it", "model-versions/create", {
      name: "registered",
      source: "models:/{{m}}",
      model_id: "{{m}}",
    }),
    post(
      "a version of it without model_id",
      "model-versions/create",
      { name: "registered", source: "models:/{{m}}" },
      { says: "must identify the resource that contains the source." },
    ),
    get("download URI of it", "model-versions/get-download-uri", {
      name: "registered",
      version: "1",
    }),
    get("get when registered", `${L}/{{m}}`),
    ...[
      "name = 'first'",
      "name != 'first'",
      "name LIKE 'f%'",
      "name ILIKE 'F%'",
      "name IN ('first', 'second')",
      "name NOT IN ('first', 'second')",
      "attributes.name = 'first'",
      "model_id = '{{m}}'",
      "model_type = 'net'",
      "source_run_id = '{{r}}'",
      "creation_timestamp > 0 AND name = 'first'",
      "creation_time > 0 AND name = 'first'",
      "last_updated_timestamp > 0 AND name = 'first'",
      "creation_timestamp < 5",
      "metrics.acc > 0.6",
      "metrics.acc = 0.5",
      "metrics.acc != 0.5",
      "params.lr = '0.1'",
      "params.lr LIKE '0.%'",
      "params.lr != '0.1'",
      "tags.team = 'red'",
      "tags.team ILIKE 'b%'",
      "tags.team IN ('red', 'Blue')",
      "metrics.acc > 0.4 AND tags.team = 'red'",
      "status = 'READY'",
    ].map((filter) => find(filter)),
    ...[
      "metric.acc > 0",
      "param.lr = '0.1'",
      "tag.team = 'red'",
      "metrics.acc > '0'",
      "metrics.acc LIKE '1'",
      "params.lr > '0'",
      "name > 'a'",
      "name = first",
      "tags.team IS NULL",
      "name = 'a' OR name = 'b'",
      "nobody = 'x'",
      "name",
      "name = 'a';",
      " ",
    ].map((filter) => find(filter, { says: "" })),
    search("by default", {}),
    search(
      "the first page",
      { max_results: 2, order_by: [{ field_name: "name" }] },
      { save: { t: "next_page_token" } },
    ),
    search("the second page", {
      max_results: 2,
      order_by: [{ field_name: "name" }],
      page_token: "{{t}}",
    }),
    search("a page of another order", { max_results: 2, page_token: "{{t}}" }, { says: "" }),
    search("a bad token", { page_token: "nonsense!" }, { says: "" }),
    search("max_results of 0", { max_results: 0, filter: "name = 'first'" }),
    search("max_results of -1", { max_results: -1 }, { says: "" }),
    search("in no experiment", { experiment_ids: [] }, { says: "" }),
    search("in an unknown experiment", { experiment_ids: ["987654321"] }),
    search("metrics on a dataset", {
      filter: "metrics.acc > 0",
      datasets: [{ dataset_name: "d", dataset_digest: "1" }],
    }),
    search("metrics on another dataset", {
      filter: "metrics.acc > 0",
      datasets: [{ dataset_name: "e", dataset_digest: "1" }],
    }),
    search(
      "a dataset without a name",
      { filter: "metrics.acc > 0", datasets: [{ dataset_digest: "1" }] },
      { says: "" },
    ),
    order({ field_name: "name" }),
    order({ field_name: "name", ascending: false }),
    order({ field_name: "metrics.acc" }),
    order({ field_name: "metrics.acc", ascending: false }),
    order({ field_name: "creation_timestamp" }),
    order({ field_name: "model_type" }, { field_name: "name" }),
    order({ field_name: "metrics.acc", dataset_name: "d", dataset_digest: "1" }),
    ...["nobody", "params.lr", "tags.team", ""].map((field_name) =>
      search(`by bad '${field_name}'`, { order_by: [{ field_name }] }, { says: "" }),
    ),
    search("by no field", { order_by: [{ ascending: true }] }, { says: "" }),
    send("DELETE", "delete", `${L}/{{n}}`, {}),
    send("DELETE", "delete again", `${L}/{{n}}`, {}),
    get("get a deleted one", `${L}/{{n}}`),
    get("get a deleted one when allowed", `${L}/{{n}}`, { allow_deleted: "true" }),
    find("name = 'second'"),
    send("DELETE", "delete an unknown one", `${L}/${UNKNOWN}`, {}),
    send("PATCH", "status of a deleted one", `${L}/{{n}}`, {
      model_id: "{{n}}",
      status: "LOGGED_MODEL_READY",
    }),
    send("PATCH", "tags of a deleted one", `${L}/{{n}}/tags`, { tags: [{ key: "a", value: "1" }] }),
    post("delete the experiment", "experiments/delete", { experiment_id: "{{e}}" }),
    create("in a deleted experiment", { experiment_id: "{{e}}", name: "late" }),
    send("PUT", "the wrong method", `${L}/{{m}}`, {}),
  ],
};
