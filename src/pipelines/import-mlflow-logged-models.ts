import {
  type LoggedModel,
  type Metric,
  type Pages,
  TrackingError,
} from "../client/create-tracking-client.ts";
import {
  createLoggedModelImport,
  type LoggedModelImport,
} from "../tracking/import-logged-models.ts";
import type { ImportState } from "../tracking/import-marks.ts";
import type { LoggedModelMetric } from "../tracking/logged-model-metric-queries.ts";
import type { ImportJob } from "./import-mlflow.ts";
import type { ExperimentPair } from "./import-mlflow-experiments.ts";
import { importFiles } from "./import-mlflow-files.ts";
import { isOurs } from "./import-mlflow-runs.ts";
import { isProxied, toEntries, toPoint } from "./import-mlflow-values.ts";

const STATUSES: Readonly<Record<LoggedModel["status"], number>> = {
  LOGGED_MODEL_STATUS_UNSPECIFIED: 1,
  LOGGED_MODEL_PENDING: 1,
  LOGGED_MODEL_READY: 2,
  LOGGED_MODEL_UPLOAD_FAILED: 3,
};

/** Brings the logged models of these experiments; deleted ones are told of by no server. */
export async function importLoggedModels(
  job: ImportJob,
  experiments: readonly ExperimentPair[],
): Promise<void> {
  const models = createLoggedModelImport(job.target.database);
  for (const { there, id } of experiments) {
    const found = job.client.loggedModels.search({ experimentIds: [there.experimentId] });
    for await (const model of orNone(found)) {
      job.tally.add("logged_models", 1);
      await job.attempt(`logged model ${model.modelId}`, () =>
        importLoggedModel(job, models, model, id),
      );
    }
  }
}

/** MLflow 2 has no logged models, nor a route to ask for them. */
async function* orNone(models: Pages<LoggedModel>): AsyncGenerator<LoggedModel> {
  try {
    yield* models;
  } catch (error) {
    if (!(error instanceof TrackingError && error.errorCode === "HTTP_404")) throw error;
  }
}

async function importLoggedModel(
  job: ImportJob,
  models: LoggedModelImport,
  model: LoggedModel,
  experimentId: string,
): Promise<void> {
  const { modelId, name, modelType } = model;
  const known = await models.find(modelId);
  if (known !== undefined && known.from !== job.origin) {
    throw isOurs(`logged model ${modelId}`, job, known);
  }
  const proxied = isProxied(model.artifactUri);
  const complete: ImportState = job.withFiles || !proxied ? "data, files" : "data";
  if (known?.state === "data, files" || known?.state === complete) return;
  const createdAt = model.creationTimestamp ?? job.effects.clock.now();
  const updatedAt = model.lastUpdatedTimestamp ?? createdAt;
  if (known?.state === undefined) {
    await models.put(
      {
        ...{ modelId, experimentId, name, modelType, createdAt, updatedAt },
        status: STATUSES[model.status],
        statusMessage: model.statusMessage ?? null,
        sourceRunId: model.sourceRunId ?? "",
        artifactUri: proxied ? null : model.artifactUri,
        params: toEntries(model.params),
        tags: toEntries(model.tags),
        metrics: model.metrics.map(toModelPoint),
      },
      job.origin,
    );
  }
  if (job.withFiles && proxied) {
    const { path } = await job.target.artifacts.resolve(`models:/${modelId}`);
    await importFiles(job, model.artifactUri, path);
  }
  await models.finish(modelId, complete, updatedAt);
}

function toModelPoint(metric: Metric): LoggedModelMetric {
  return {
    ...toPoint(metric),
    runId: metric.runId ?? "",
    datasetName: metric.datasetName ?? null,
    datasetDigest: metric.datasetDigest ?? null,
  };
}
