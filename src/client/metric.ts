import {
  type Compact,
  compact,
  doubleAt,
  type Fields,
  type Int64,
  int64At,
  optionalTextAt,
  textAt,
} from "./fields.ts";
import { invalidArgument } from "./tracking-error.ts";

/** A point of a metric. Times of points are numbers, exact: there may be millions of them. */
export type Metric = Readonly<{
  key: string;
  /** Also NaN and the infinities. */
  value: number;
  /** Milliseconds since 1970. */
  timestamp: Int64;
  step: Int64;
  /** The logged model that was measured, and on which dataset. */
  modelId?: string;
  datasetName?: string;
  datasetDigest?: string;
  /** Where points of several runs come together. */
  runId?: string;
}>;

/** What a point may say beside its value: step 0 and now are the defaults. */
export type MetricOptions = Readonly<{
  step?: Int64;
  timestamp?: Date | Int64;
  modelId?: string;
  datasetName?: string;
  datasetDigest?: string;
}>;

/** Letters, digits and `_ / . - :` and space, in the shape of a path below nothing; 250 at most. */
const KEY = /^[\p{L}\p{N}_/.\- :]{1,250}$/u;

/** Checks a point before it waits among others, which one bad point would take with it. */
export function toMetric(
  key: string,
  value: number,
  options: MetricOptions,
  now: () => number,
): Metric {
  if (!KEY.test(key) || !isNormalPath(key)) {
    const expected = "1 to 250 letters, digits, _ / . - : or spaces, as a normal relative path";
    throw invalidArgument(`metric key: expected ${expected}, got ${JSON.stringify(key)}`);
  }
  if (typeof value !== "number") {
    throw invalidArgument(`metric ${key}: expected a number, got ${typeof value}`);
  }
  const { timestamp = now(), step = 0, ...more } = options;
  const time = timestamp instanceof Date ? timestamp.getTime() : timestamp;
  if (!isInt64(time) || time < 0) {
    throw invalidArgument(`metric ${key}: timestamp: expected milliseconds from 0 on, got ${time}`);
  }
  if (!isInt64(step))
    throw invalidArgument(`metric ${key}: step: expected an integer, got ${step}`);
  return { key, value, timestamp: time, step, ...more };
}

function isInt64(value: Int64): boolean {
  return typeof value === "bigint"
    ? BigInt.asIntN(64, value) === value
    : Number.isSafeInteger(value);
}

function isNormalPath(key: string): boolean {
  return key === "." ? false : key.split("/").every((part) => !["", ".", ".."].includes(part));
}

export function toWireMetric(metric: Metric): unknown {
  const { key, value, timestamp, step, modelId, datasetName, datasetDigest } = metric;
  return {
    key,
    value,
    timestamp,
    step,
    model_id: modelId,
    dataset_name: datasetName,
    dataset_digest: datasetDigest,
  };
}

export function fromWireMetric(fields: Fields): Compact<Metric> {
  return compact({
    key: textAt(fields, "key"),
    value: doubleAt(fields, "value"),
    timestamp: int64At(fields, "timestamp"),
    step: int64At(fields, "step"),
    modelId: optionalTextAt(fields, "model_id"),
    datasetName: optionalTextAt(fields, "dataset_name"),
    datasetDigest: optionalTextAt(fields, "dataset_digest"),
    runId: optionalTextAt(fields, "run_id"),
  });
}
