import { double, int64, list, type MessageOf, message, required, text } from "./message.ts";
import { call, type MlflowRoute } from "./route.ts";
import { runFields, runIdOf } from "./run-fields.ts";

const metricFields = {
  key: required(text),
  value: required(double),
  timestamp: required(int64),
  step: int64,
  model_id: text,
  dataset_name: text,
  dataset_digest: text,
};
const metric = message(metricFields);
const entryFields = { key: required(text), value: text };
const entry = message(entryFields);

/** MLflow's calls that write metrics, params and tags to runs (reference: mlflow.md, section 1). */
export const runLogRoutes: readonly MlflowRoute[] = [
  call(
    { method: "POST", path: "/mlflow/runs/log-metric", scope: "write" },
    message({ ...runFields, ...metricFields }),
    async (fields, { runs }) => {
      await runs.logMetric(runIdOf(fields), toMetric(fields));
      return {};
    },
  ),
  call(
    { method: "POST", path: "/mlflow/runs/log-parameter", scope: "write" },
    message({ ...runFields, ...entryFields }),
    async (fields, { runs }) => {
      await runs.logParam(runIdOf(fields), toEntry(fields));
      return {};
    },
  ),
  call(
    { method: "POST", path: "/mlflow/runs/log-batch", scope: "write" },
    message({ ...runFields, metrics: list(metric), params: list(entry), tags: list(entry) }),
    async (fields, { runs }) => {
      await runs.logBatch(runIdOf(fields), {
        metrics: fields.metrics.map(toMetric),
        params: fields.params.map(toEntry),
        tags: fields.tags.map(toEntry),
      });
      return {};
    },
  ),
  call(
    { method: "POST", path: "/mlflow/runs/set-tag", scope: "write" },
    message({ ...runFields, ...entryFields }),
    async (fields, { runs }) => {
      await runs.setTag(runIdOf(fields), toEntry(fields));
      return {};
    },
  ),
  call(
    { method: "POST", path: "/mlflow/runs/delete-tag", scope: "write" },
    message({ ...runFields, key: required(text) }),
    async (fields, { runs }) => {
      await runs.deleteTag(runIdOf(fields), fields.key);
      return {};
    },
  ),
];

function toMetric(given: MessageOf<typeof metric>) {
  return {
    key: given.key,
    value: given.value,
    timestampMs: given.timestamp,
    step: given.step ?? 0,
    modelId: given.model_id,
    datasetName: given.dataset_name,
    datasetDigest: given.dataset_digest,
  };
}

function toEntry({ key, value }: MessageOf<typeof entry>) {
  return { key, value: value ?? "" };
}
