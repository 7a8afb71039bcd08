import type { LoggedModelMetric } from "../../tracking/logged-model-metric-queries.ts";
import type { LoggedModel } from "../../tracking/logged-model-queries.ts";
import { unlessEmpty } from "./tags.ts";
import { toWireDouble } from "./write-json.ts";

const STATUS_NAMES = [
  "LOGGED_MODEL_STATUS_UNSPECIFIED",
  "LOGGED_MODEL_PENDING",
  "LOGGED_MODEL_READY",
  "LOGGED_MODEL_UPLOAD_FAILED",
] as const;

/** A logged model as MLflow's clients read it; what is empty is left out, but for `data`. */
export function toWireLoggedModel(model: LoggedModel): unknown {
  return {
    info: {
      model_id: model.modelId,
      experiment_id: String(model.experimentId),
      name: model.name,
      creation_timestamp_ms: model.createdAt.getTime(),
      last_updated_timestamp_ms: model.updatedAt.getTime(),
      artifact_uri: model.artifactUri,
      status: STATUS_NAMES[model.status],
      model_type: model.modelType,
      source_run_id: model.sourceRunId,
      status_message: model.statusMessage ?? undefined,
      tags: unlessEmpty(model.tags),
    },
    data: {
      params: unlessEmpty(model.params),
      metrics: unlessEmpty(model.metrics.map((metric) => toWireMetric(metric, model.modelId))),
    },
  };
}

function toWireMetric(metric: LoggedModelMetric, modelId: string): unknown {
  return {
    key: metric.key,
    value: toWireDouble(metric.value),
    timestamp: metric.timestampMs,
    step: metric.step,
    dataset_name: metric.datasetName ?? undefined,
    dataset_digest: metric.datasetDigest ?? undefined,
    model_id: modelId,
    run_id: metric.runId,
  };
}
