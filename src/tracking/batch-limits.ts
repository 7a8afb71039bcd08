import { DuetMindError } from "../core/errors.ts";
import { assertKey } from "./limits.ts";
import type { Batch, BatchMetric, Entry } from "./log-batch.ts";

export const MAX_BATCH_METRICS = 1000;
export const MAX_BATCH_PARAMS = 100;
export const MAX_BATCH_TAGS = 100;
export const MAX_BATCH_ENTRIES = 1000;

/** Refuses a batch that MLflow refuses; names carry the index of the entry, as its own do. */
export function assertBatch({ metrics = [], params = [], tags = [] }: Batch): void {
  assertCount(metrics.length, MAX_BATCH_METRICS, "metrics");
  assertCount(params.length, MAX_BATCH_PARAMS, "params");
  assertCount(tags.length, MAX_BATCH_TAGS, "tags");
  const total = metrics.length + params.length + tags.length;
  assertCount(total, MAX_BATCH_ENTRIES, "metrics, params, and tags");
  metrics.forEach((metric, index) => {
    assertMetric(metric, `metrics[${index}].`);
  });
  params.forEach((param, index) => {
    assertParam(param, `params[${index}].`);
  });
  tags.forEach((tag, index) => {
    assertTag(tag, `tags[${index}].`);
  });
  assertDistinctParams(params);
}

export function assertMetric(metric: BatchMetric, path = ""): void {
  assertKey(metric.key, `${path}name`, "Metric name");
  if (metric.timestampMs < 0) {
    throw new DuetMindError(
      "BAD_INPUT",
      `Invalid value ${metric.timestampMs} for parameter '${path}timestamp' supplied: metric '${metric.key}' (value=${metric.value}): Timestamp must be a nonnegative long (64-bit integer)`,
      { path: `${path}timestamp` },
    );
  }
}

export function assertParam(param: Entry, path = ""): void {
  assertKey(param.key, `${path}key`, "Param key");
}

export function assertTag(tag: Entry, path = ""): void {
  assertKey(tag.key, `${path}key`);
}

function assertDistinctParams(params: readonly Entry[]): void {
  const seen = new Set<string>();
  const twice = params.filter(({ key }) => seen.size === seen.add(key).size);
  if (twice.length === 0) return;
  const keys = [...new Set(twice.map(({ key }) => `'${key}'`))].join(", ");
  throw new DuetMindError(
    "BAD_INPUT",
    `Duplicate parameter keys have been submitted: [${keys}]. Please ensure the request contains only one param value per param key.`,
  );
}

function assertCount(count: number, most: number, what: string): void {
  if (count <= most) return;
  throw new DuetMindError(
    "BAD_INPUT",
    `A batch logging request can contain at most ${most} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`,
  );
}
