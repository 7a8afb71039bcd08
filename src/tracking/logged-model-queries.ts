import { sql } from "kysely";
import { DuetMindError } from "../core/errors.ts";
import type { Database } from "../store/database.ts";
import type { Entry } from "./log-batch.ts";
import { type LoggedModelMetric, readLoggedModelMetrics } from "./logged-model-metric-queries.ts";
import { appendVersion } from "./registered-versions-tag.ts";

export type LoggedModel = Readonly<{
  modelId: string;
  experimentId: number;
  name: string;
  artifactUri: string;
  /** MLflow's number: 1 pending, 2 ready, 3 upload failed. */
  status: number;
  statusMessage: string | null;
  modelType: string;
  /** "" without one. */
  sourceRunId: string;
  createdAt: Date;
  updatedAt: Date;
  /** Sorted by key. */
  params: readonly Entry[];
  tags: readonly Entry[];
  metrics: readonly LoggedModelMetric[];
}>;

/** The version of the registry that a logged model became; its tag is MLflow's list of them. */
const VERSIONS_TAG = "mlflow.modelVersions";

/** One logged model; deleted ones only when they are asked for. */
export async function findLoggedModel(
  db: Database,
  modelId: string,
  withDeleted = false,
): Promise<LoggedModel | undefined> {
  if (!isLoggedModelId(modelId)) return undefined;
  const { rows } = await sql<LoggedModelRow>`
    SELECT ${selectLoggedModel} FROM duetmind.logged_models AS l
    WHERE l.model_id = ${modelId} AND (l.lifecycle_stage = 'active' OR ${withDeleted})`.execute(db);
  return (await toLoggedModels(db, rows))[0];
}

export type LoggedModelRow = Readonly<{
  model_id: string;
  experiment_id: number;
  name: string;
  artifact_uri: string;
  status: number;
  status_message: string | null;
  model_type: string;
  source_run_id: string;
  created_at: Date;
  updated_at: Date;
  params: readonly Entry[];
  tags: readonly Entry[];
}>;

/** The columns of a LoggedModelRow, of a model `l`. */
export const selectLoggedModel = sql`l.model_id, l.experiment_id, l.name, l.artifact_uri, l.status,
  l.status_message, l.model_type, l.source_run_id, l.created_at, l.updated_at,
  (SELECT coalesce(json_agg(json_build_object('key', p.key, 'value', p.value) ORDER BY p.key), '[]')
   FROM duetmind.logged_model_params AS p WHERE p.model_id = l.model_id) AS params,
  (SELECT coalesce(json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key), '[]')
   FROM duetmind.logged_model_tags AS t WHERE t.model_id = l.model_id) AS tags`;

/** Models with their metrics: one query, whatever their number. */
export async function toLoggedModels(
  db: Database,
  rows: readonly LoggedModelRow[],
): Promise<LoggedModel[]> {
  const metrics = await readLoggedModelMetrics(
    db,
    rows.map(({ model_id }) => model_id),
  );
  return rows.map((row) => ({
    modelId: row.model_id,
    experimentId: row.experiment_id,
    name: row.name,
    artifactUri: row.artifact_uri,
    status: row.status,
    statusMessage: row.status_message,
    modelType: row.model_type,
    sourceRunId: row.source_run_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    params: row.params,
    tags: row.tags,
    metrics: metrics.get(row.model_id) ?? [],
  }));
}

export type LockedLoggedModel = Readonly<{
  modelId: string;
  artifactUri: string;
  sourceRunId: string;
}>;

/** Locks the row of a logged model until the transaction ends; every write to one takes it first. */
export async function lockLoggedModel(
  db: Database,
  modelId: string,
  withDeleted: boolean,
): Promise<LockedLoggedModel> {
  const row = await db
    .selectFrom("logged_models")
    .select(["model_id as modelId", "artifact_uri as artifactUri"])
    .select("source_run_id as sourceRunId")
    .where("model_id", "=", isLoggedModelId(modelId) ? modelId : "")
    .$if(!withDeleted, (query) => query.where("lifecycle_stage", "=", "active"))
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw noLoggedModel(modelId);
  return row;
}

export function noLoggedModel(modelId: string): DuetMindError {
  return new DuetMindError(
    "NOT_FOUND",
    `Logged model with ID '${modelId.slice(0, 500)}' not found.`,
  );
}

/** Text that is no id is never asked for: the database could not take some of it. */
function isLoggedModelId(text: string): boolean {
  return /^m-[0-9a-f]{32}$/.test(text);
}

/** MLflow's numbers for the states of a logged model that has its files, and of one that has not yet. */
export const READY = 2;
export const PENDING = 1;

export async function insertLoggedModel(
  db: Database,
  model: Readonly<{
    modelId: string;
    experimentId: number;
    name: string;
    modelType: string;
    sourceRunId: string;
    /** Below the artifact location of its experiment unless given. */
    artifactUri?: string;
    status: number;
    at: Date;
  }>,
): Promise<void> {
  await sql`
    INSERT INTO duetmind.logged_models (model_id, experiment_id, name, artifact_uri, model_type,
      source_run_id, status, created_at, updated_at)
    SELECT ${model.modelId}::text, experiment_id, ${model.name}::text,
      coalesce(${model.artifactUri ?? null}::text,
        rtrim(artifact_location, '/') || '/models/' || ${model.modelId}::text || '/artifacts'),
      ${model.modelType}::text, ${model.sourceRunId}::text, ${model.status}::smallint, ${model.at}::timestamptz,
      ${model.at}::timestamptz
    FROM duetmind.experiments WHERE experiment_id = ${model.experimentId}`.execute(db);
}

export async function setLoggedModelTags(
  db: Database,
  modelId: string,
  tags: readonly Entry[],
): Promise<void> {
  if (tags.length === 0) return;
  await sql`
    INSERT INTO duetmind.logged_model_tags (model_id, key, value)
    SELECT ${modelId}::text, * FROM unnest(${tags.map(({ key }) => key)}::text[],
      ${tags.map(({ value }) => value)}::text[])
    ON CONFLICT (model_id, key) DO UPDATE SET value = excluded.value`.execute(db);
}

/** The keys that were not there before: others keep their value. */
export async function insertLoggedModelParams(
  db: Database,
  modelId: string,
  params: readonly Entry[],
): Promise<readonly string[]> {
  if (params.length === 0) return [];
  const { rows } = await sql<{ key: string }>`
    INSERT INTO duetmind.logged_model_params (model_id, key, value)
    SELECT ${modelId}::text, * FROM unnest(${params.map(({ key }) => key)}::text[],
      ${params.map(({ value }) => value)}::text[])
    ON CONFLICT (model_id, key) DO NOTHING RETURNING key`.execute(db);
  return rows.map(({ key }) => key);
}

/** Notes on a logged model, which is locked, that it became a version. */
export async function addRegisteredVersion(
  db: Database,
  modelId: string,
  version: Readonly<{ name: string; version: number }>,
): Promise<void> {
  const known = await db
    .selectFrom("logged_model_tags")
    .select("value")
    .where("model_id", "=", modelId)
    .where("key", "=", VERSIONS_TAG)
    .executeTakeFirst();
  const value = appendVersion(known?.value, version);
  await setLoggedModelTags(db, modelId, [{ key: VERSIONS_TAG, value }]);
}
