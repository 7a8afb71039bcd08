import { basename } from "node:path";
import { appendAudit } from "../audit/append-audit.ts";
import { DuetMindError } from "../core/errors.ts";
import { digestHex } from "../core/hash.ts";
import { appendEvent } from "../events/append-event.ts";
import { requestDelivery } from "../events/delivery-queries.ts";
import {
  findDatasetByContent,
  type Origin,
  registerDataset,
  type Versioned,
} from "../registry/dataset-queries.ts";
import { findFeatureView, registerFeatureView } from "../registry/feature-view-queries.ts";
import { type ModelStatus, registerModelVersion } from "../registry/model-queries.ts";
import { insertQualityMetrics } from "../registry/quality-queries.ts";
import { tellRegistryChange } from "../registry/registry-event.ts";
import type { Database } from "../store/database.ts";
import { putArtifactFiles, runArtifactRoot } from "../tracking/artifact-file-queries.ts";
import { ensureExperiment } from "../tracking/experiment-queries.ts";
import { DATA_CONTEXT_TAG, logInputs } from "../tracking/input-queries.ts";
import { logBatch } from "../tracking/log-batch.ts";
import { addRegisteredVersion } from "../tracking/logged-model-queries.ts";
import { MIRROR } from "../tracking/mirror-variables.ts";
import { insertRun } from "../tracking/run-queries.ts";
import { importLoggedModel } from "./import-logged-model.ts";
import type { Journal } from "./register-journal.ts";
import type {
  DataPlan,
  DatasetReference,
  FeaturesPlan,
  ImportPlan,
  PlannedDataset,
  TrainPlan,
} from "./register-plan.ts";

/** One thing that a record stands for in the registry, and whether this import made it. */
export type Registered = Readonly<{
  kind: "dataset" | "feature_view" | "model";
  name: string;
  version: number;
  created: boolean;
  status?: ModelStatus;
  reasons?: readonly string[];
  run_id?: string;
}>;

export type ImportContext = Readonly<{
  /** A transaction: all of a record is imported, or nothing. */
  db: Database;
  origin: Origin;
  journal: Journal | null;
  experiment: string;
  /** Whether runs also go to another server. */
  isMirrored: boolean;
}>;

export async function importPlan(plan: ImportPlan, context: ImportContext): Promise<Registered[]> {
  switch (plan.stage) {
    case "data":
      return importData(plan, context);
    case "features":
      return importFeatures(plan, context);
    case "train":
      return importTrain(plan, context);
  }
}

async function importData(plan: DataPlan, context: ImportContext): Promise<Registered[]> {
  const registered: Registered[] = [];
  for (const planned of byName(plan.datasets)) {
    registered.push((await importDataset(planned, null, [], context)).registered);
  }
  return registered;
}

async function importFeatures(plan: FeaturesPlan, context: ImportContext): Promise<Registered[]> {
  const datasetIds: string[] = [];
  for (const source of plan.sources) datasetIds.push((await datasetOf(source, context)).id);
  const { db, origin } = context;
  const view = await registerFeatureView(db, { ...plan.view, datasetIds }, origin);
  const registered = await announce("feature_view", plan.view.name, view, context, {
    feature_hash: plan.view.featureHash,
    fit_hash: plan.view.fitHash,
  });
  const datasets: Registered[] = [];
  for (const planned of byName(plan.datasets)) {
    datasets.push((await importDataset(planned, view.id, datasetIds, context)).registered);
  }
  return [registered, ...datasets];
}

async function importTrain(plan: TrainPlan, context: ImportContext): Promise<Registered[]> {
  const { db, origin, journal } = context;
  const features = await datasetOf(plan.features, context);
  const view = await viewOf(plan, context);
  const runId = digestHex(origin.recordDigest).slice(0, 32);
  const experimentId = await ensureExperiment(db, context.experiment, origin.at);
  const user = journal?.user ?? origin.actor;
  const startedAt = journal === null ? null : new Date(journal.started_at);
  const endedAt = journal === null ? null : new Date(journal.ended_at);
  const name = `${plan.model}-${runId.slice(0, 8)}`;
  await insertRun(db, {
    runId,
    experimentId,
    name,
    user,
    status: "FINISHED",
    startedAt,
    endedAt,
    recordDigest: origin.recordDigest,
  });
  const run = { run_id: runId, experiment_id: String(experimentId), run_name: name };
  const data = { ...run, status: "FINISHED" };
  await appendEvent(db, { topic: "runs", kind: "run.finished", actor: user, data }, origin.clock);
  const modelPath = below(plan.folder, plan.modelFolder);
  const uri = `mlflow-artifacts:/${runArtifactRoot({ runId, experimentId })}/${modelPath}`;
  const at = endedAt ?? origin.at;
  const modelId = await importLoggedModel(db, plan, { runId, experimentId }, uri, at);
  const measuredOn = {
    modelId,
    datasetName: plan.features.name,
    datasetDigest: plan.features.digest,
  };
  const timestampMs = at.getTime();
  await logBatch(db, runId, {
    params: plan.params,
    metrics: plan.metrics.map((point) => ({ ...point, ...measuredOn, timestampMs })),
    tags: [
      ...plan.tags,
      { key: "mlflow.runName", value: name },
      { key: "mlflow.user", value: user },
      { key: "duetmind.record", value: origin.recordDigest },
      ...journalTags(journal),
    ],
  });
  await logRunInputs(plan, features.id, { runId, experimentId }, context);
  await putArtifactFiles(
    db,
    runArtifactRoot({ runId, experimentId }),
    plan.files.map(({ path, digest, sizeBytes }) => ({
      path: below(plan.folder, path),
      digest,
      sizeBytes,
    })),
    at,
  );
  await tellRun(plan, runId, context);
  const checksums = plan.files
    .filter(({ path }) => path.startsWith(`${plan.modelFolder}/`))
    .map(({ path, digest, sizeBytes }) => [
      below(plan.modelFolder, path),
      { sha256: digest, size_bytes: sizeBytes },
    ]);
  const source = `runs:/${runId}/${modelPath}`;
  const version = await registerModelVersion(
    db,
    {
      name: plan.model,
      runId,
      featureViewId: view.id,
      featureHash: plan.view.featureHash,
      source,
      uri,
      loggedModelId: modelId,
      artifactChecksums: Object.fromEntries(checksums),
      status: plan.status,
      statusReasons: plan.reasons,
      performanceMetrics: plan.performance,
      hyperparameters: plan.hyperparameters,
      trainingDatasetId: features.id,
      validationDatasetId: features.id,
    },
    origin,
  );
  await addRegisteredVersion(db, modelId, { name: plan.model, version: version.version });
  if (version.created)
    await tellVersion(plan.model, version.version, { source, run_id: runId }, context);
  const registered = await announce("model", plan.model, version, context, {
    status: plan.status,
    reasons: plan.reasons,
    run_id: runId,
  });
  return [{ ...registered, status: plan.status, reasons: plan.reasons, run_id: runId }];
}

async function importDataset(
  planned: PlannedDataset,
  featureViewId: string | null,
  sourceIds: readonly string[],
  context: ImportContext,
): Promise<Readonly<{ id: string; registered: Registered }>> {
  const { db, origin } = context;
  const { dataset } = planned;
  const versioned = await registerDataset(db, { ...dataset, featureViewId, sourceIds }, origin);
  await insertQualityMetrics(db, versioned.id, planned.quality, origin);
  const registered = await announce("dataset", dataset.name, versioned, context, {
    content_sha256: dataset.contentSha256,
    schema_hash: dataset.schemaHash,
    row_count: dataset.rowCount,
  });
  return { id: versioned.id, registered };
}

/** The event of a run, and what mirrors the run, in the same transaction. */
async function tellRun(
  plan: TrainPlan,
  runId: string,
  { db, origin, experiment, isMirrored }: ImportContext,
): Promise<void> {
  const data = { run_id: runId, experiment, model: plan.model, status: plan.status };
  const event = { topic: "runs", kind: "run.registered", actor: origin.actor, data };
  const eventId = await appendEvent(db, event, origin.clock);
  if (isMirrored) await requestDelivery(db, { eventId, target: MIRROR }, origin.clock);
}

/** The event that webhooks know, as if a client had registered the version. */
async function tellVersion(
  name: string,
  version: number,
  from: Readonly<{ source: string; run_id: string }>,
  { db, origin }: ImportContext,
): Promise<void> {
  const data = { name, version: String(version), ...from, tags: {}, description: null };
  const event = { change: "model_version.created", isPrompt: false, data } as const;
  await tellRegistryChange(db, event, origin.actor, origin.clock);
}

/** MLflow's dataset inputs: one table, of which training and validation use their part. */
async function logRunInputs(
  plan: TrainPlan,
  catalogId: string,
  run: Readonly<{ runId: string; experimentId: number }>,
  context: ImportContext,
): Promise<void> {
  const source = JSON.stringify({ uri: `duetmind:dataset/${plan.features.name}` });
  const input = {
    name: plan.features.name,
    digest: plan.features.digest,
    sourceType: "duetmind",
    source,
    schema: null,
    profile: null,
    catalogId,
    tags: [{ key: DATA_CONTEXT_TAG, value: "training" }],
  };
  await logInputs(context.db, run, [input], context.origin.clock);
}

async function datasetOf(
  reference: DatasetReference,
  context: ImportContext,
): Promise<{ id: string; version: number }> {
  const found = await findDatasetByContent(context.db, reference.name, reference.digest);
  if (found !== undefined) return found;
  throw new DuetMindError(
    "NOT_FOUND",
    `dataset ${reference.name}: expected a registered version with ${reference.digest}, got none`,
    { hint: "the record of the stage before is missing; run: duetmind reproduce" },
  );
}

async function viewOf(plan: TrainPlan, context: ImportContext): Promise<{ id: string }> {
  const { name, featureHash, fitHash } = plan.view;
  const found = await findFeatureView(context.db, name, featureHash, fitHash);
  if (found !== undefined) return found;
  throw new DuetMindError(
    "NOT_FOUND",
    `feature view ${name}: expected a registered version with feature hash ${featureHash} and fit hash ${fitHash}, got none`,
    { hint: "the record of the stage before is missing; run: duetmind reproduce" },
  );
}

/** An audit event for what is new, in the same transaction. */
async function announce(
  kind: Registered["kind"],
  name: string,
  versioned: Versioned,
  context: ImportContext,
  after: Readonly<Record<string, unknown>>,
): Promise<Registered> {
  const { db, origin } = context;
  if (versioned.created) {
    const object_type = kind === "model" ? "model_version" : kind;
    const event = {
      actor: origin.actor,
      action: `${object_type}.register`,
      object_type,
      object_id: name,
      object_version: String(versioned.version),
      after: { ...after, record_digest: origin.recordDigest },
    };
    await appendAudit(db, event, origin.clock);
  }
  return { kind, name, version: versioned.version, created: versioned.created };
}

function journalTags(journal: Journal | null): { key: string; value: string }[] {
  if (journal === null) return [];
  const git = journal.git;
  return [
    { key: "mlflow.source.name", value: journal.command },
    { key: "mlflow.source.type", value: "LOCAL" },
    ...(git === null
      ? []
      : [
          { key: "mlflow.source.git.commit", value: git.commit },
          { key: "duetmind.git.dirty", value: String(git.dirty) },
        ]),
    ...(git?.branch == null ? [] : [{ key: "mlflow.source.git.branch", value: git.branch }]),
  ];
}

function byName(datasets: readonly PlannedDataset[]): PlannedDataset[] {
  return datasets.toSorted((a, b) => (a.dataset.name < b.dataset.name ? -1 : 1));
}

function below(folder: string, path: string): string {
  return folder === "." ? basename(path) : path.slice(folder.length + 1);
}
