import { type CorpusRequest, type Group, get, post } from "../request.ts";

const run = { run_id: "{{r}}" };
const UNKNOWN = "0123456789abcdef0123456789abcdef";

function metric(name: string, fields: object | string, options: object = {}): CorpusRequest {
  const body =
    typeof fields === "string"
      ? `{"run_id":"{{r}}",${fields}}`
      : { ...run, key: "m", value: 1, timestamp: 10, ...fields };
  return post(`metric: ${name}`, "runs/log-metric", body, options);
}

function history(name: string, fields: object, options: object = {}): CorpusRequest {
  return get(`history: ${name}`, "metrics/get-history", { ...run, ...fields }, options);
}

function batch(name: string, fields: object, options: object = {}): CorpusRequest {
  return post(`batch: ${name}`, "runs/log-batch", { run_id: "{{b}}", ...fields }, options);
}

function points(count: number, key = "b"): readonly object[] {
  return Array.from({ length: count }, (_, step) => ({ key, value: step / 4, timestamp: 1, step }));
}

function pairs(count: number, prefix: string, value = "v"): readonly object[] {
  return Array.from({ length: count }, (_, index) => ({ key: `${prefix}${index}`, value }));
}

function interval(name: string, fields: object, options: object = {}): CorpusRequest {
  const asked = { run_ids: "{{r}}", metric_key: "steps", max_results: 100, ...fields };
  return get(`interval: ${name}`, "metrics/get-history-bulk-interval", asked, options);
}

export const metrics: Group = {
  name: "metrics",
  requests: [
    post(
      "an experiment",
      "experiments/create",
      { name: "metrics" },
      { save: { e: "experiment_id" } },
    ),
    post(
      "a run",
      "runs/create",
      { experiment_id: "{{e}}", run_name: "m" },
      { save: { r: "run.info.run_id" } },
    ),
    post(
      "a run for batches",
      "runs/create",
      { experiment_id: "{{e}}", run_name: "b" },
      { save: { b: "run.info.run_id" } },
    ),
    metric("one", {}),
    metric("the same point twice", {}),
    metric("with a step", { value: 2.5, timestamp: 20, step: 3 }),
    metric("with a negative step", { key: "back", step: -4 }),
    metric("an older step", { value: 9, timestamp: 30, step: 1 }),
    metric("the same step, later", { value: 1.25, timestamp: 40, step: 3 }),
    metric("value 0", { key: "zero", value: 0 }),
    metric("time 0", { key: "start", timestamp: 0 }),
    metric("step beyond 2^53", `"key":"big","value":1,"timestamp":1,"step":9007199254740993`),
    metric(
      "the last step of 64 bits",
      `"key":"last","value":1,"timestamp":1,"step":9223372036854775807`,
    ),
    metric(
      "one step past 64 bits",
      `"key":"past","value":1,"timestamp":1,"step":9223372036854775808`,
      { says: "" },
    ),
    metric("a value as text", { key: "text", value: "1.5" }),
    metric("NaN as text", { key: "nan", value: "NaN" }),
    metric("Infinity as text", { key: "inf", value: "Infinity" }),
    metric("-Infinity as text", { key: "-inf", value: "-Infinity" }),
    metric("inf as text", { key: "inf short", value: "inf" }),
    metric("a bare NaN", `"key":"bare","value":NaN,"timestamp":5`, { says: "" }),
    metric("a bare Infinity", `"key":"bare inf","value":Infinity,"timestamp":5`, { says: "" }),
    metric("1e400", `"key":"huge","value":1e400,"timestamp":5`, { says: "" }),
    metric("true as value", { key: "true", value: true }),
    metric("words as value", { key: "words", value: "much" }),
    metric("null as value", { key: "null", value: null }),
    metric("without a value", { value: undefined }),
    metric("without a time", { timestamp: undefined }),
    metric("a time as text", { key: "text time", timestamp: "77" }),
    metric("a negative time", { timestamp: -1 }, { says: "" }),
    metric("a time with a fraction", { key: "fraction", timestamp: 1.5 }, { says: "" }),
    metric("a step with a fraction", { key: "fraction", step: 1.5 }, { says: "" }),
    metric("a step as text", { key: "text step", step: "4" }),
    metric("a step of words", { step: "four" }),
    metric("without a key", { key: undefined }),
    metric("an empty key", { key: "" }),
    metric("a number as key", { key: 5 }),
    metric("marks in its key", { key: "a?b" }, { says: "Names may only contain" }),
    metric("a path as key", { key: "a//b" }, { says: "" }),
    metric("a key of 250", { key: "k".repeat(250) }),
    metric("a key of 251", { key: "k".repeat(251) }, { says: "exceeds the maximum length of 250" }),
    metric("an unknown run", { run_id: UNKNOWN }),
    metric("no run", { run_id: undefined }),
    metric("by run_uuid", { run_id: undefined, run_uuid: "{{r}}", key: "uuid" }),
    metric("with a dataset", { key: "on data", dataset_name: "d", dataset_digest: "1" }),
    metric(
      "with an unknown logged model",
      { key: "modelled", model_id: "m-0123456789abcdef0123456789abcdef" },
      { says: "" },
    ),
    metric("1e308", { key: "large", value: 1e308 }),
    metric("5e-324", { key: "tiny", value: 5e-324 }),
    metric("a third", { key: "third", value: 1 / 3 }),
    metric("minus zero", `"key":"minus zero","value":-0.0,"timestamp":5`),
    get("get with the latest", "runs/get", run),
    history("all of a key", { metric_key: "m" }),
    history(
      "the first page",
      { metric_key: "m", max_results: 2 },
      { save: { t: "next_page_token" } },
    ),
    history("the last page", { metric_key: "m", max_results: 2, page_token: "{{t}}" }),
    history("as clients ask", { metric_key: "m", max_results: 25_000 }),
    history("of NaN", { metric_key: "nan" }),
    history("of Infinity", { metric_key: "inf", max_results: 10 }),
    history("of a step beyond 2^53", { metric_key: "big" }),
    history("an unknown key", { metric_key: "nobody" }),
    history("an unknown run", { run_id: UNKNOWN, metric_key: "m" }),
    history("without a key", {}),
    history("max_results of 0", { metric_key: "m", max_results: 0 }, { says: "" }),
    history("max_results of -1", { metric_key: "m", max_results: -1 }, { says: "" }),
    history("max_results of words", { metric_key: "m", max_results: "x" }),
    history(
      "a bad token",
      { metric_key: "m", max_results: 2, page_token: "nonsense!" },
      { says: "" },
    ),
    get(
      "history: by run_uuid",
      "metrics/get-history",
      { run_uuid: "{{r}}", metric_key: "zero" },
      { says: "" },
    ),
    get("history: without a run", "metrics/get-history", { metric_key: "m" }),
    post("history: by POST", "metrics/get-history", { ...run, metric_key: "m" }),

    batch("nothing", {}),
    batch("a metric, a param and a tag", {
      metrics: [{ key: "b", value: 1, timestamp: 5, step: 0 }],
      params: [{ key: "p", value: "1" }],
      tags: [{ key: "t", value: "2" }],
    }),
    batch("defaults", {
      metrics: [{ key: "d", value: 1, timestamp: 5 }],
      params: [{ key: "q" }],
      tags: [{ key: "u" }],
    }),
    batch("1000 metrics", { metrics: points(1000) }),
    batch("1001 metrics", { metrics: points(1001) }, { says: "" }),
    batch("100 params", { params: pairs(100, "p100-") }),
    batch("101 params", { params: pairs(101, "p101-") }, { says: "" }),
    batch("100 tags", { tags: pairs(100, "t100-") }),
    batch("101 tags", { tags: pairs(101, "t101-") }, { says: "" }),
    batch("1000 in all", {
      metrics: points(800),
      params: pairs(100, "p100-"),
      tags: pairs(100, "t100-"),
    }),
    batch(
      "1001 in all",
      { metrics: points(801), params: pairs(100, "p100-"), tags: pairs(100, "t100-") },
      { says: "" },
    ),
    batch(
      "a param twice, alike",
      {
        params: [
          { key: "tw", value: "1" },
          { key: "tw", value: "1" },
        ],
      },
      { says: "" },
    ),
    batch(
      "a param twice, unlike",
      {
        params: [
          { key: "tw", value: "1" },
          { key: "tw", value: "2" },
        ],
      },
      { says: "" },
    ),
    batch("a tag twice", {
      tags: [
        { key: "tw", value: "1" },
        { key: "tw", value: "2" },
      ],
    }),
    batch(
      "a changed param",
      {
        params: [{ key: "p", value: "other" }],
        tags: [{ key: "never", value: "1" }],
        metrics: [{ key: "never", value: 1, timestamp: 1 }],
      },
      { says: "Changing param values is not allowed." },
    ),
    batch("the same param", { params: [{ key: "p", value: "1" }] }),
    batch("a param of 6001", { params: [{ key: "long", value: "v".repeat(6001) }] }),
    batch("a tag of 8001", { tags: [{ key: "long", value: "v".repeat(8001) }] }),
    batch("NaN and infinities", {
      metrics: [
        { key: "n", value: "NaN", timestamp: 1, step: 0 },
        { key: "i", value: "Infinity", timestamp: 1, step: 0 },
        { key: "j", value: "-Infinity", timestamp: 1, step: 0 },
      ],
    }),
    batch("one key out of order", {
      metrics: [
        { key: "o", value: 3, timestamp: 3, step: 2 },
        { key: "o", value: 1, timestamp: 1, step: 9 },
        { key: "o", value: 2, timestamp: 2, step: 2 },
        { key: "o", value: 5, timestamp: 1, step: 9 },
      ],
    }),
    batch("a metric without a key", { metrics: [{ value: 1, timestamp: 1 }] }),
    batch("a metric with an empty key", { metrics: [{ key: "", value: 1, timestamp: 1 }] }),
    batch("a metric without a value", { metrics: [{ key: "x", timestamp: 1 }] }),
    batch("a metric without a time", { metrics: [{ key: "x", value: 1 }] }),
    batch(
      "a metric with a bad key",
      { metrics: [{ key: "a*", value: 1, timestamp: 1 }] },
      { says: "metrics[0].name" },
    ),
    batch(
      "a metric with a long key",
      { metrics: [{ key: "k".repeat(251), value: 1, timestamp: 1 }] },
      { says: "'Metric name' exceeds" },
    ),
    batch(
      "a metric with words as value",
      { metrics: [{ key: "x", value: "much", timestamp: 1 }] },
      { says: "" },
    ),
    batch("a param without a key", { params: [{ value: "x" }] }),
    batch(
      "a param with a bad key",
      {
        params: [
          { key: "ok", value: "1" },
          { key: "a*", value: "1" },
        ],
      },
      { says: "params[1].key" },
    ),
    batch(
      "a param with a long key",
      { params: [{ key: "k".repeat(251), value: "1" }] },
      { says: "'Param key' exceeds" },
    ),
    batch("a param with a number as value", { params: [{ key: "num", value: 1 }] }, { says: "" }),
    batch("a tag without a key", { tags: [{ value: "x" }] }),
    batch("a tag with a bad key", { tags: [{ key: "/a", value: "1" }] }, { says: "" }),
    batch(
      "a tag with a long key",
      { tags: [{ key: "k".repeat(251), value: "1" }] },
      { says: "exceeds the maximum length of 250" },
    ),
    batch("metrics that are no list", { metrics: "m" }),
    batch("metrics that are null", { metrics: null }, { says: "" }),
    batch("metrics of numbers", { metrics: [1] }, { says: "" }),
    post("batch: an unknown run", "runs/log-batch", { run_id: UNKNOWN, tags: pairs(1, "x") }),
    post("batch: no run", "runs/log-batch", { tags: pairs(1, "x") }),
    post("delete the tags of the batches", "runs/delete-tag", { run_id: "{{b}}", key: "long" }),
    get("get after batches", "runs/get", { run_id: "{{b}}" }),
    get("history: out of order", "metrics/get-history", { run_id: "{{b}}", metric_key: "o" }),

    post("points by step", "runs/log-batch", {
      ...run,
      metrics: Array.from({ length: 10 }, (_, step) => ({
        key: "steps",
        value: step,
        timestamp: step,
        step,
      })),
    }),
    interval("all", {}),
    interval("of some steps", { start_step: 2, end_step: 5 }),
    interval("of one step", { start_step: 4, end_step: 4 }),
    interval("only a start", { start_step: 2 }, { says: "" }),
    interval("only an end", { end_step: 2 }, { says: "" }),
    interval("end before start", { start_step: 5, end_step: 2 }, { says: "" }),
    interval("max_results of 0", { max_results: 0 }, { says: "" }),
    interval("max_results of 2500", { max_results: 2500 }),
    interval("max_results of 2501", { max_results: 2501 }, { says: "" }),
    interval("without max_results", { max_results: "" }, { says: "" }),
    interval("an unknown key", { metric_key: "nobody" }),
    interval("an unknown run", { run_ids: UNKNOWN }, { says: "" }),
    interval("no key", { metric_key: "" }),
    interval("no run", { run_ids: [] }, { says: "" }),
    interval("two runs", { run_ids: ["{{r}}", "{{b}}"], metric_key: "m" }),
    interval("101 runs", { run_ids: Array.from({ length: 101 }, () => "{{r}}") }, { says: "" }),
    get("bulk history for the UI", "/ajax-api/2.0/mlflow/metrics/get-history-bulk", {
      run_id: "{{r}}",
      metric_key: "steps",
    }),
    get("bulk history of two runs", "/ajax-api/2.0/mlflow/metrics/get-history-bulk", {
      run_id: ["{{r}}", "{{b}}"],
      metric_key: "m",
      max_results: 3,
    }),
  ],
};
