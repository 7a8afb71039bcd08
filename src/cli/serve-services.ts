import { createApiKeys } from "../access/api-keys.ts";
import { openObjectStore } from "../artifacts/open-object-store.ts";
import type { ArtifactsParams } from "../artifacts/params.ts";
import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import { createEventStream } from "../events/event-stream.ts";
import { createIdempotentReplies } from "../events/idempotent-replies.ts";
import { createJobs } from "../events/jobs.ts";
import { createWebhooks } from "../events/webhooks.ts";
import { createCatalogue } from "../registry/catalogue.ts";
import { createModelAliases } from "../registry/model-aliases.ts";
import { createModelVersions } from "../registry/model-versions.ts";
import { createRegisteredModels } from "../registry/registered-models.ts";
import type { MemoryAccess } from "../server/memory-services.ts";
import type { Services } from "../server/services.ts";
import type { OpenedDatabase } from "../store/database.ts";
import { absoluteLocation } from "../tracking/absolute-location.ts";
import { createArtifacts } from "../tracking/artifacts.ts";
import { createExperiments } from "../tracking/experiments.ts";
import { createLoggedModels } from "../tracking/logged-models.ts";
import { createMetricHistories } from "../tracking/metric-histories.ts";
import { createRunLinks } from "../tracking/run-links.ts";
import { createRuns } from "../tracking/runs.ts";
import { createSender } from "./serve-deliveries.ts";
import { jobKinds } from "./serve-jobs.ts";

export type ServiceParts = Readonly<{
  database: OpenedDatabase;
  root: string;
  env: Environment;
  artifacts: ArtifactsParams;
  /** Where new experiments keep artifacts. */
  artifactRoot: string;
  /** Whether clients move their files through the server. */
  servesArtifacts: boolean;
  /** Of one file that a client sends; no limit unless given. */
  maxArtifactBytes: number | undefined;
  /** What sources of model versions look like; any, unless given. */
  allowedSources?: RegExp | undefined;
  memory: MemoryAccess;
}>;

/** Every service of the server on one database and one object store. */
export function createServices(parts: ServiceParts, effects: Effects): Services {
  const { database, artifactRoot, root } = parts;
  const { clock } = effects;
  const stopping = new AbortController();
  const sender = createSender(parts, effects);
  const store = openObjectStore(parts.artifacts, root, parts.env, effects);
  return {
    experiments: createExperiments(
      database,
      { artifactRoot: absoluteLocation(artifactRoot, root).replace(/\/+$/, ""), root },
      clock,
    ),
    registeredModels: createRegisteredModels(database, clock),
    modelVersions: createModelVersions(database, clock, parts.allowedSources),
    modelAliases: createModelAliases(database, clock),
    loggedModels: createLoggedModels(database, clock),
    apiKeys: createApiKeys(database, clock),
    catalogue: createCatalogue(database),
    eventStream: createEventStream(database, clock),
    idempotentReplies: createIdempotentReplies(database, sender.seal, clock),
    jobs: createJobs(database, jobKinds(database, store, clock), clock),
    streams: { signal: stopping.signal, stop: () => stopping.abort() },
    runs: createRuns(database, clock),
    artifacts: createArtifacts(
      database,
      store,
      { isProxy: parts.servesArtifacts, maxBytes: parts.maxArtifactBytes },
      clock,
    ),
    runLinks: createRunLinks(database, clock),
    metricHistories: createMetricHistories(database),
    webhooks: createWebhooks(database, sender, effects),
    memory: parts.memory,
  };
}
