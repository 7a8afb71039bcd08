import { sql } from "kysely";
import type { Digest } from "../core/hash.ts";
import { uuidV7 } from "../core/ids.ts";
import type { Database } from "../store/database.ts";
import type { Origin, Versioned } from "./dataset-queries.ts";
import { toJsonColumn } from "./json-column.ts";
import { PROMPT_TAG } from "./prompts.ts";
import {
  insertModel,
  type LockedModel,
  lockModel,
  touchModel,
} from "./registered-model-queries.ts";
import { tellRegistryChange } from "./registry-event.ts";
import { lockVersions, nextVersion } from "./version-counter.ts";

export const MODEL_STATUSES = ["draft", "staging", "production", "archived", "rejected"] as const;

export type ModelStatus = (typeof MODEL_STATUSES)[number];

/** Path of each file of a model folder → what it must be. */
export type ArtifactChecksums = Readonly<
  Record<string, Readonly<{ sha256: Digest; size_bytes: number }>>
>;

export type NewModelVersion = Readonly<{
  name: string;
  runId: string;
  featureViewId: string | null;
  featureHash: Digest | null;
  /** Where a client finds it, such as `runs:/ID/model`, and where its bytes are. */
  source: string;
  uri: string;
  loggedModelId: string;
  artifactChecksums: ArtifactChecksums;
  status: ModelStatus;
  statusReasons: readonly string[];
  performanceMetrics: unknown;
  hyperparameters: unknown;
  trainingDatasetId: string | null;
  validationDatasetId: string | null;
}>;

/** Registers the next version of a model; the model is made at its first version. */
export async function registerModelVersion(
  db: Database,
  model: NewModelVersion,
  origin: Origin,
): Promise<Versioned> {
  await lockVersions(db, "model", model.name);
  const { id: modelId, isPrompt } = await ensureModel(db, model.name, origin);
  const id = uuidV7(origin.clock);
  const version = await nextVersion(db, "model", model.name);
  await db
    .insertInto("model_version_detail")
    .values({
      id,
      model_id: modelId,
      version,
      mlflow_run_id: model.runId,
      feature_view_id: model.featureViewId,
      feature_hash: model.featureHash,
      uri: model.uri,
      source: model.source,
      logged_model_id: model.loggedModelId,
      artifact_checksums: toJsonColumn(model.artifactChecksums),
      status: model.status,
      status_reasons: toJsonColumn(model.statusReasons),
      performance_metrics: toJsonColumn(model.performanceMetrics),
      hyperparameters: toJsonColumn(model.hyperparameters),
      training_dataset_id: model.trainingDatasetId,
      validation_dataset_id: model.validationDatasetId,
      record_digest: origin.recordDigest,
      created_at: origin.at,
      created_by: origin.actor,
      updated_at: origin.at,
    })
    .execute();
  await touchModel(db, modelId, origin.at);
  const data = {
    name: model.name,
    version: String(version),
    source: model.source,
    run_id: model.runId,
    tags: {},
    description: null,
  };
  const event = { change: "model_version.created", isPrompt, data } as const;
  await tellRegistryChange(db, event, origin.actor, origin.clock);
  return { id, version, created: true };
}

async function ensureModel(db: Database, name: string, origin: Origin): Promise<LockedModel> {
  const row = { id: uuidV7(origin.clock), name, description: null, at: origin.at };
  if (await insertModel(db, row)) {
    const data = { name, tags: {}, description: null };
    const event = { change: "registered_model.created", isPrompt: false, data } as const;
    await tellRegistryChange(db, event, origin.actor, origin.clock);
  }
  return lockModel(db, name);
}

export async function listModelNames(db: Database): Promise<string[]> {
  const rows = await db.selectFrom("model_registry").select("name").orderBy("name").execute();
  return rows.map(({ name }) => name);
}

/** Versions of one model, or of all that are no prompts, by name, newest first. */
export function listModelVersions(db: Database, name?: string) {
  return versionRows(db)
    .$if(name !== undefined, (query) => query.where("m.name", "=", name!))
    .$if(name === undefined, (query) => query.where(isNoPrompt))
    .orderBy("m.name")
    .orderBy("v.version", "desc")
    .execute();
}

const isNoPrompt = sql<boolean>`NOT EXISTS (SELECT FROM duetmind.registered_model_tags AS t
  WHERE t.model_id = m.id AND t.key = ${PROMPT_TAG} AND t.value = 'true')`;

export type ModelVersionRow = Awaited<ReturnType<typeof listModelVersions>>[number];

/** One version; without a number the newest. */
export function findModelVersion(
  db: Database,
  name: string,
  version?: number,
): Promise<ModelVersionRow | undefined> {
  return versionRows(db)
    .where("m.name", "=", name)
    .$if(version !== undefined, (query) => query.where("v.version", "=", version!))
    .orderBy("v.version", "desc")
    .limit(1)
    .executeTakeFirst();
}

function versionRows(db: Database) {
  return db
    .selectFrom("model_version_detail as v")
    .innerJoin("model_registry as m", "m.id", "v.model_id")
    .select(["m.name", "v.id", "v.version", "v.status", "v.status_reasons", "v.source"])
    .select(["v.mlflow_run_id", "v.feature_view_id", "v.feature_hash", "v.artifact_checksums"])
    .select(["v.performance_metrics", "v.hyperparameters", "v.record_digest"])
    .select(["v.training_dataset_id", "v.validation_dataset_id", "v.created_at", "v.created_by"])
    .where("v.status", "<>", "deleted");
}
