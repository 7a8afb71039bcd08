import type { ApiKeyService } from "../access/api-keys.ts";
import type { EventStream } from "../events/event-stream.ts";
import type { IdempotentReplies } from "../events/idempotent-replies.ts";
import type { JobService } from "../events/jobs.ts";
import type { WebhookService } from "../events/webhooks.ts";
import type { CatalogueService } from "../registry/catalogue.ts";
import type { ModelAliasService } from "../registry/model-aliases.ts";
import type { ModelVersionService } from "../registry/model-versions.ts";
import type { RegisteredModelService } from "../registry/registered-models.ts";
import type { ArtifactService } from "../tracking/artifacts.ts";
import type { ExperimentService } from "../tracking/experiments.ts";
import type { LoggedModelService } from "../tracking/logged-models.ts";
import type { MetricHistoryService } from "../tracking/metric-histories.ts";
import type { RunLinkService } from "../tracking/run-links.ts";
import type { RunService } from "../tracking/runs.ts";
import type { MemoryAccess } from "./memory-services.ts";

/** What the routes call. The server knows services only: it never sees the database. */
export type Services = Readonly<{
  experiments: ExperimentService;
  apiKeys: ApiKeyService;
  catalogue: CatalogueService;
  eventStream: EventStream;
  idempotentReplies: IdempotentReplies;
  jobs: JobService;
  /** Aborted when the server stops: streams that have no end of their own end by it. */
  streams: Readonly<{ signal: AbortSignal; stop(): void }>;
  registeredModels: RegisteredModelService;
  modelVersions: ModelVersionService;
  modelAliases: ModelAliasService;
  loggedModels: LoggedModelService;
  runs: RunService;
  artifacts: ArtifactService;
  runLinks: RunLinkService;
  metricHistories: MetricHistoryService;
  webhooks: WebhookService;
  memory: MemoryAccess;
}>;
