import { type CorpusRequest, type Group, get, post, send } from "../request.ts";

const M = "registered-models/";
const V = "model-versions/";
const OURS = "name LIKE 'find%'";

type Tags = Readonly<Record<string, string>>;

function pairs(tags: Tags): readonly object[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

function make(name: string, tags: Tags = {}): CorpusRequest {
  return post(`create ${name}`, `${M}create`, { name, tags: pairs(tags) });
}

function version(
  name: string,
  source: string,
  tags: Tags = {},
  fields: object = {},
): CorpusRequest {
  const body = { name, source, tags: pairs(tags), ...fields };
  return post(`a version of ${name} from ${source}`, `${V}create`, body);
}

function models(filter: string, options: object = {}): CorpusRequest {
  return get(`models: ${filter}`, `${M}search`, { filter, order_by: "name" }, options);
}

function versions(filter: string, options: object = {}): CorpusRequest {
  const fields = { filter, order_by: ["name", "version_number"] };
  return get(`versions: ${filter}`, `${V}search`, fields, options);
}

function modelPage(name: string, fields: object, options: object = {}): CorpusRequest {
  return get(`models, ${name}`, `${M}search`, { filter: OURS, ...fields }, options);
}

function versionPage(name: string, fields: object, options: object = {}): CorpusRequest {
  return get(
    `versions, ${name}`,
    `${V}search`,
    { filter: "name LIKE 'find%'", ...fields },
    options,
  );
}

export const modelSearch: Group = {
  name: "model-search",
  requests: [
    post(
      "an experiment",
      "experiments/create",
      { name: "model search" },
      { save: { e: "experiment_id" } },
    ),
    post(
      "a run",
      "runs/create",
      { experiment_id: "{{e}}", run_name: "r" },
      { save: { r: "run.info.run_id" } },
    ),
    make("find-a", { team: "blue", size: "1" }),
    make("find-B", { team: "Blue" }),
    make("find'c", { "with space": "x''y" }),
    make("find_d"),
    make("find-prompt", { "mlflow.prompt.is_prompt": "true", "mlflow.prompt.text": "hi" }),
    version("find-a", "s3://b/a1", { t: "x", u: "1" }, { run_id: "{{r}}" }),
    version("find-a", "s3://b/a2", { t: "y" }),
    version("find-a", "s3://B/a3"),
    version("find-B", "s3://b/b1", { t: "X" }),
    version("find-B", "s3://b/b2"),
    post("a stage", `${V}transition-stage`, { name: "find-a", version: "3", stage: "Production" }),
    send("DELETE", "delete a version", `${V}delete`, { name: "find-B", version: "2" }),
    ...[
      "name = 'find-a'",
      'name = "find-a"',
      "name != 'find-a' AND name LIKE 'find%'",
      "name LIKE 'find-%'",
      "name LIKE 'FIND-%'",
      "name ILIKE 'FIND-%'",
      "name LIKE 'find_d'",
      'name = "find\'c"',
      "attribute.name = 'find-a'",
      "name IN ('find-a', 'find-B')",
      "name NOT IN ('find-a') AND name LIKE 'find%'",
      "tags.team = 'blue'",
      "tag.team = 'blue'",
      "tags.team != 'blue'",
      "tags.team LIKE 'b%'",
      "tags.team ILIKE 'B%'",
      "tags.`with space` = 'x''y'",
      "tags.team = 'blue' AND tags.size = '1'",
      "tags.team LIKE 'b%' AND tags.team != 'blue'",
      "tags.team ILIKE 'b%' AND tags.team != 'blue'",
      "tag.`mlflow.prompt.is_prompt` != 'true'",
      "tag.`mlflow.prompt.is_prompt` = 'true'",
      "name = 'find-prompt'",
      "name LIKE 'find%' AND tag.`mlflow.prompt.is_prompt` = 'true'",
      `AND ${OURS}`,
    ].map((filter) => models(filter)),
    ...[
      "attributes.name = 'find-a'",
      "name > 'a'",
      "name = find-a",
      "name = 5",
      "name",
      "nobody = 'x'",
      "tags.team > 'a'",
      "tags.team = 1",
      "name IS NULL",
      "tags.team IS NULL",
      "name = 'a' OR name = 'b'",
      "(name = 'a')",
      "name == 'a'",
      "name = 'a';",
      "version_number = 1",
      "run_id = 'x'",
      "metrics.m > 1",
      "name = 'x'y'",
      " ",
    ].map((filter) => models(filter, { says: "" })),
    modelPage("by default", {}),
    modelPage(
      "the first page",
      { max_results: 2, order_by: "name" },
      { save: { t: "next_page_token" } },
    ),
    modelPage("the last page", { max_results: 2, order_by: "name", page_token: "{{t}}" }),
    modelPage("by name, downwards", { order_by: "name DESC" }),
    modelPage("by timestamp", { order_by: ["timestamp ASC"] }),
    modelPage("by last update", { order_by: ["last_updated_timestamp DESC", "name"] }),
    modelPage("by the time of creation", { order_by: "creation_timestamp" }, { says: "" }),
    modelPage("by nobody", { order_by: "nobody" }, { says: "" }),
    modelPage("by a bad direction", { order_by: "name UP" }, { says: "" }),
    modelPage("by name twice", { order_by: ["name", "name DESC"] }, { says: "" }),
    modelPage("a bad token", { page_token: "nonsense!" }, { says: "" }),
    modelPage("max_results of 1000", { max_results: 1000 }),
    modelPage("max_results of 1001", { max_results: 1001 }, { says: "" }),
    modelPage("max_results of 0", { max_results: 0 }, { says: "" }),
    modelPage("max_results of -1", { max_results: -1 }, { says: "" }),
    modelPage("max_results of words", { max_results: "many" }),
    get("models without a filter", `${M}search`, { max_results: 2, order_by: "name DESC" }),
    post("models by POST", `${M}search`, { filter: OURS }),
    ...[
      "name = 'find-a'",
      "name != 'find-a' AND name LIKE 'find%'",
      "name LIKE 'find%'",
      "name ILIKE 'FIND-A'",
      "name IN ('find-a', 'nobody')",
      "name NOT IN ('find-B') AND name LIKE 'find%'",
      "run_id NOT IN ('{{r}}') AND name = 'find-a'",
      "attribute.name = 'find-a'",
      "version_number = 1",
      "version_number = '1'",
      "version_number > 1 AND name LIKE 'find%'",
      "version_number >= 2 AND name = 'find-a'",
      "version_number < 3 AND name = 'find-a'",
      "version_number <= 1 AND name = 'find-a'",
      "version_number != 1 AND name = 'find-a'",
      "run_id = '{{r}}'",
      "run_id IN ('{{r}}', '0123456789abcdef0123456789abcdef')",
      "run_id != '{{r}}' AND name = 'find-a'",
      "run_id LIKE '{{r}}'",
      "source_path = 's3://b/a1'",
      "source_path LIKE 's3://b/%' AND name = 'find-a'",
      "source_path ILIKE 'S3://b/%' AND name = 'find-a'",
      "source_path != 's3://b/a1' AND name = 'find-a'",
      "tags.t = 'x'",
      "tag.t != 'x'",
      "tags.t LIKE 'x'",
      "tags.t ILIKE 'x'",
      "tags.t = 'x' AND tags.u = '1'",
      "tags.t = 'x' AND tags.u = '2'",
      "name = 'find-a' AND version_number > 1 AND tags.t = 'y'",
    ].map((filter) => versions(filter)),
    ...[
      "attributes.name = 'find-a'",
      "version = 1",
      "version_number LIKE '1'",
      "version_number = 'one'",
      "version_number = 1.5",
      "source_path IN ('x')",
      "current_stage = 'Production'",
      "run_id > 'a'",
      "run_id IN ()",
      "run_id IN ('')",
      "creation_timestamp > 1",
      "tags.t IS NULL",
      "nobody = 'x'",
      "name = 'a' OR name = 'b'",
      "name = 'a';",
      "name = a",
      " ",
    ].map((filter) => versions(filter, { says: "" })),
    versionPage(
      "the first page",
      { max_results: 2, order_by: ["name", "version_number"] },
      { save: { w: "next_page_token" } },
    ),
    versionPage("the second page", {
      max_results: 2,
      order_by: ["name", "version_number"],
      page_token: "{{w}}",
    }),
    versionPage("by version, downwards", { order_by: ["version_number DESC", "name ASC"] }),
    versionPage("by creation", { order_by: ["creation_timestamp ASC"] }),
    versionPage("by last update", {
      filter: "name = 'find-a'",
      order_by: ["last_updated_timestamp ASC", "version_number"],
    }),
    versionPage("by nobody", { order_by: "nobody" }, { says: "" }),
    versionPage("by stage", { order_by: "current_stage" }, { says: "" }),
    versionPage("by name twice", { order_by: ["name", "name DESC"] }, { says: "" }),
    versionPage("a bad token", { page_token: "nonsense!" }, { says: "" }),
    versionPage("max_results of 200000", {
      max_results: 200_000,
      order_by: ["name", "version_number"],
    }),
    versionPage("max_results of 200001", { max_results: 200_001 }, { says: "" }),
    versionPage("max_results of 0", { max_results: 0 }, { says: "" }),
    versionPage("max_results of -1", { max_results: -1 }, { says: "" }),
    post("an alias", `${M}alias`, { name: "find-a", alias: "best", version: "2" }),
    models("name = 'find-a' AND tags.size = '1'"),
    versions("name = 'find-a' AND version_number = 2"),
  ],
};
