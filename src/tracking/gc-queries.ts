import { type RawBuilder, sql } from "kysely";
import type { Database } from "../store/database.ts";

/** What may go: deleted before a moment, and of these runs or experiments where some are named. */
export type GarbageScope = Readonly<{
  before: Date;
  runIds: readonly string[] | undefined;
  experimentIds: readonly number[] | undefined;
}>;

export type DeadRun = Readonly<{
  run_id: string;
  experiment_id: number;
  artifact_uri: string;
  deleted_at: Date;
  /** What needs it, such as `churn version 3`, or `logged model m-1…` that has a metric of this run. */
  held_by: string | null;
}>;

export type DeadModel = Omit<DeadRun, "run_id"> & Readonly<{ model_id: string }>;

export type DeadExperiment = Readonly<{
  experiment_id: number;
  name: string;
  artifact_location: string;
  deleted_at: Date;
  /** What is still in it. */
  runs: number;
  models: number;
}>;

/**
 * Every run and logged model that a version of a registered model points at: by its ids, or by the
 * place it says it came from (`runs:/<id>/…`, `models:/m-…`, `mlflow-artifacts:/0/<id>/artifacts/…`).
 * And every deleted run that logged a metric for a logged model which stays: the metric would go with
 * its run.
 */
const held = (before: Date) => sql`
  SELECT id, min(holder) AS holder FROM (
    WITH pointer AS (
      SELECT m.name || ' version ' || v.version AS holder, unnest(ARRAY[
        v.mlflow_run_id, v.logged_model_id,
        substring(v.source FROM '^(?:runs|models):/+([^/]+)'),
        substring(v.uri FROM '^(?:runs|models):/+([^/]+)'),
        substring(v.source FROM '/([^/]+)/artifacts(?:/|$)'),
        substring(v.uri FROM '/([^/]+)/artifacts(?:/|$)')]) AS id
      FROM duetmind.model_version_detail AS v
      JOIN duetmind.model_registry AS m ON m.id = v.model_id
      WHERE v.status <> 'deleted')
    SELECT holder, id FROM pointer WHERE id IS NOT NULL
    UNION ALL
    SELECT 'logged model ' || l.model_id, k.run_id
    FROM duetmind.runs AS r
    JOIN duetmind.logged_model_metrics AS k ON k.run_id = r.run_id
    JOIN duetmind.logged_models AS l ON l.model_id = k.model_id
    WHERE r.lifecycle_stage = 'deleted' AND (l.lifecycle_stage <> 'deleted'
      OR l.deleted_at >= ${before}::timestamptz OR l.model_id IN (SELECT id FROM pointer))
  ) AS holding GROUP BY id`;

export async function findDeadRuns(db: Database, scope: GarbageScope): Promise<DeadRun[]> {
  const { rows } = await sql<DeadRun>`
    WITH held AS (${held(scope.before)})
    SELECT r.run_id, r.experiment_id, r.artifact_uri, r.deleted_at, h.holder AS held_by
    FROM duetmind.runs AS r LEFT JOIN held AS h ON h.id = r.run_id
    WHERE r.lifecycle_stage = 'deleted' AND r.deleted_at < ${scope.before}::timestamptz
      AND ${among("r.run_id", "text", scope.runIds)}
      AND ${among("r.experiment_id", "bigint", scope.experimentIds)}
    ORDER BY r.run_id`.execute(db);
  return rows;
}

export async function findDeadModels(db: Database, scope: GarbageScope): Promise<DeadModel[]> {
  if (scope.runIds !== undefined) return [];
  const { rows } = await sql<DeadModel>`
    WITH held AS (${held(scope.before)})
    SELECT l.model_id, l.experiment_id, l.artifact_uri, l.deleted_at, h.holder AS held_by
    FROM duetmind.logged_models AS l LEFT JOIN held AS h ON h.id = l.model_id
    WHERE l.lifecycle_stage = 'deleted' AND l.deleted_at < ${scope.before}::timestamptz
      AND ${among("l.experiment_id", "bigint", scope.experimentIds)}
    ORDER BY l.model_id`.execute(db);
  return rows;
}

/** A deleted experiment changes no more, so its last change is its deletion. */
export async function findDeadExperiments(
  db: Database,
  scope: GarbageScope,
): Promise<DeadExperiment[]> {
  if (scope.runIds !== undefined) return [];
  const { rows } = await sql<DeadExperiment>`
    SELECT e.experiment_id, e.name, e.artifact_location, e.updated_at AS deleted_at,
      (SELECT count(*) FROM duetmind.runs AS r WHERE r.experiment_id = e.experiment_id) AS runs,
      (SELECT count(*) FROM duetmind.logged_models AS l
        WHERE l.experiment_id = e.experiment_id) AS models
    FROM duetmind.experiments AS e
    WHERE e.lifecycle_stage = 'deleted' AND e.updated_at < ${scope.before}::timestamptz
      AND ${among("e.experiment_id", "bigint", scope.experimentIds)}
    ORDER BY e.experiment_id`.execute(db);
  return rows;
}

/** Deletes those of the runs that are still deleted and that nobody needs by now; gives their ids. */
export async function deleteRuns(
  db: Database,
  ids: readonly string[],
  before: Date,
): Promise<string[]> {
  const { rows } = await sql<{ run_id: string }>`
    WITH held AS (${held(before)})
    DELETE FROM duetmind.runs AS r
    WHERE r.run_id = ANY(${ids}::text[]) AND r.lifecycle_stage = 'deleted'
      AND r.deleted_at < ${before}::timestamptz
      AND NOT EXISTS (SELECT FROM held AS h WHERE h.id = r.run_id)
    RETURNING r.run_id`.execute(db);
  return rows.map(({ run_id }) => run_id);
}

export async function deleteLoggedModels(
  db: Database,
  ids: readonly string[],
  before: Date,
): Promise<string[]> {
  const { rows } = await sql<{ model_id: string }>`
    WITH held AS (${held(before)})
    DELETE FROM duetmind.logged_models AS l
    WHERE l.model_id = ANY(${ids}::text[]) AND l.lifecycle_stage = 'deleted'
      AND l.deleted_at < ${before}::timestamptz
      AND NOT EXISTS (SELECT FROM held AS h WHERE h.id = l.model_id)
    RETURNING l.model_id`.execute(db);
  return rows.map(({ model_id }) => model_id);
}

/** Says whether it went: not when something in it is left, or came back. */
export async function deleteExperiment(db: Database, id: number, before: Date): Promise<boolean> {
  const { rows } = await sql`
    DELETE FROM duetmind.experiments AS e
    WHERE e.experiment_id = ${id}::bigint AND e.lifecycle_stage = 'deleted'
      AND e.updated_at < ${before}::timestamptz
      AND NOT EXISTS (SELECT FROM duetmind.runs AS r WHERE r.experiment_id = e.experiment_id)
      AND NOT EXISTS (SELECT FROM duetmind.logged_models AS l
        WHERE l.experiment_id = e.experiment_id)
    RETURNING e.experiment_id`.execute(db);
  return rows.length > 0;
}

/** How many files there are below some folders of the artifact proxy, and how large they are. */
export async function measureArtifacts(
  db: Database,
  folders: readonly string[],
): Promise<Readonly<{ files: number; sizeBytes: number }>> {
  const { rows } = await sql<{ files: number; size_bytes: number }>`
    SELECT count(*) AS files, coalesce(sum(size_bytes), 0)::bigint AS size_bytes
    FROM (SELECT DISTINCT f.path, f.size_bytes
      FROM unnest(${folders}::text[]) AS p(folder) JOIN duetmind.artifact_file AS f
        ON f.path > p.folder || '/' AND f.path < p.folder || '0') AS below`.execute(db);
  return { files: rows[0]!.files, sizeBytes: rows[0]!.size_bytes };
}

function among(
  column: string,
  type: "text" | "bigint",
  values: readonly unknown[] | undefined,
): RawBuilder<unknown> {
  if (values === undefined) return sql`true`;
  return sql`${sql.ref(column)} = ANY(${values}::${sql.raw(type)}[])`;
}
