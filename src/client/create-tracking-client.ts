/**
 * The client of a tracking server, `import { createTrackingClient } from "duetmind/client"`: for
 * DuetMind and for MLflow, over fetch, in Node, browsers and other runtimes of the web's interfaces.
 * This room imports nothing of Node and nothing of ours.
 */
import { type ArtifactsClient, createArtifactsClient } from "./artifacts.ts";
import {
  type ClientEffects,
  parseClientOptions,
  realClientEffects,
  type TrackingClientOptions,
} from "./client-options.ts";
import { createExperimentsClient, type ExperimentsClient } from "./experiments.ts";
import { createLoggedModelsClient, type LoggedModelsClient } from "./logged-models.ts";
import { createModelVersionsClient, type ModelVersionsClient } from "./model-versions.ts";
import { createRegisteredModelsClient, type RegisteredModelsClient } from "./registered-models.ts";
import { createRunsClient, type RunsClient } from "./runs.ts";
import { createTransport } from "./transport.ts";

export type { ActiveRun, EndStatus, ParamValue } from "./active-run.ts";
export type { ArtifactBody, ArtifactInfo, Artifacts, ArtifactsClient } from "./artifacts.ts";
export type { TrackingClientOptions } from "./client-options.ts";
export type {
  Experiment,
  ExperimentSearch,
  ExperimentsClient,
  LifecycleStage,
  NewExperiment,
  ViewType,
} from "./experiments.ts";
export type { Int64 } from "./fields.ts";
export { type Filter, filter } from "./filter.ts";
export type {
  LoggedModel,
  LoggedModelSearch,
  LoggedModelStatus,
  LoggedModelsClient,
  NewLoggedModel,
} from "./logged-models.ts";
export type { Metric, MetricOptions } from "./metric.ts";
export { LostMetricsError } from "./metric-queue.ts";
export type {
  ModelVersion,
  ModelVersionSearch,
  ModelVersionsClient,
  NewModelVersion,
  Stage,
} from "./model-versions.ts";
export { type Order, orderBy } from "./order-by.ts";
export type { Pages } from "./pages.ts";
export type {
  NewRegisteredModel,
  RegisteredModel,
  RegisteredModelSearch,
  RegisteredModelsClient,
} from "./registered-models.ts";
export type { DatasetInput, ModelOutput, Run, RunInfo, RunStatus } from "./run.ts";
export type { MetricSample, NewRun, RunSearch, RunsClient } from "./runs.ts";
export type { SearchTarget } from "./search-fields.ts";
export { TrackingError } from "./tracking-error.ts";

/** All of a tracking server. */
export type TrackingClient = Readonly<{
  experiments: ExperimentsClient;
  runs: RunsClient;
  artifacts: ArtifactsClient;
  loggedModels: LoggedModelsClient;
  registeredModels: RegisteredModelsClient;
  modelVersions: ModelVersionsClient;
  /** Sends the metrics of every run that is open; runs stay open on the server. */
  close(): Promise<void>;
  /** `await using client = …` closes it. */
  [Symbol.asyncDispose](): Promise<void>;
}>;

/**
 * A client of one server. Nothing is sent until something is asked for.
 *
 * @example
 * const client = createTrackingClient({ url: "http://localhost:5000" });
 * const { experimentId } = await client.experiments.getOrCreate("trials");
 * await client.runs.track({ experimentId }, async (run) => {
 *   await run.logParam("model", "gbm");
 *   await run.logMetric("auc", 0.93);
 * });
 */
export function createTrackingClient(
  options: TrackingClientOptions,
  effects: Partial<ClientEffects> = {},
): TrackingClient {
  const settings = parseClientOptions(options);
  const real = { ...realClientEffects, ...effects };
  const world = options.fetch === undefined ? real : { ...real, fetch: options.fetch };
  const transport = createTransport(settings, world);
  const artifacts = createArtifactsClient(transport);
  const runs = createRunsClient(transport, artifacts, settings, world);

  async function close(): Promise<void> {
    const results = await Promise.allSettled([...runs.open].map((run) => run.flush()));
    const errors = results.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} runs lost metrics`);
  }

  return {
    experiments: createExperimentsClient(transport),
    runs: runs.client,
    artifacts,
    loggedModels: createLoggedModelsClient(transport),
    registeredModels: createRegisteredModelsClient(transport),
    modelVersions: createModelVersionsClient(transport),
    close,
    [Symbol.asyncDispose]: close,
  };
}
