import { type RawBuilder, sql } from "kysely";
import { DuetMindError } from "../core/errors.ts";
import type { Database } from "../store/database.ts";
import { PREPARED } from "../store/prepared.ts";
import { assertActiveRun } from "./active-run.ts";
import type { LifecycleStage } from "./experiments.ts";
import { cutText, MAX_PARAM_VALUE, MAX_TAG_VALUE } from "./limits.ts";
import { latestPoints, type MetricPoint } from "./metric-point.ts";

export type Entry = Readonly<{ key: string; value: string }>;

/** A point that may also belong to a logged model, and say which dataset it was measured on. */
export type BatchMetric = MetricPoint &
  Readonly<{
    modelId?: string | undefined;
    datasetName?: string | undefined;
    datasetDigest?: string | undefined;
  }>;

export type Batch = Readonly<{
  params?: readonly Entry[];
  metrics?: readonly BatchMetric[];
  tags?: readonly Entry[];
}>;

/** The tag that holds a run's name: whoever sets it renames the run. */
export const RUN_NAME_TAG = "mlflow.runName";

/**
 * Writes params, metrics and tags of an active run, all or nothing, in one statement. Params are
 * write-once (the same value again is fine), a metric point that comes twice is stored once, the last
 * tag wins. Keys are written in sorted order, so that two writers on one run cannot wait for each other.
 *
 * A statement can undo itself only by an error: a param that would change is set to NULL, which its
 * table refuses. That holds against a writer at the same time too, whose rows we could not see yet.
 */
export async function logBatch(db: Database, runId: string, batch: Batch): Promise<void> {
  const { params = [], metrics = [], tags = [] } = batch;
  const ofModels = metrics.filter(({ modelId }) => modelId);
  const parts = [
    ...writeParams(runId, params),
    ...writeMetrics(runId, metrics),
    ...writeModelMetrics(runId, ofModels),
    ...writeTags(runId, tags),
  ];
  const unknown = ofModels.length === 0 ? sql`NULL` : unknownModel(ofModels);
  let written: readonly Written[];
  try {
    const { rows } = await sql<Written>`${PREPARED}
      WITH ${sql.join([activeRun(runId), ...parts])}
      SELECT lifecycle_stage, ${unknown}::text AS unknown_model FROM run`.execute(db);
    written = rows;
  } catch (error) {
    if (!isParamRefused(error)) throw error;
    // A transaction that failed answers no more questions.
    throw paramsChanged(runId, db.isTransaction ? [] : await changedParams(db, runId, params));
  }
  assertActiveRun(runId, written[0]?.lifecycle_stage);
  if (written[0]?.unknown_model != null) throw noModel(written[0].unknown_model);
}

type Written = Readonly<{ lifecycle_stage: LifecycleStage; unknown_model: string | null }>;
type Part = RawBuilder<unknown>;

/** The head of a statement that writes to a run: `run`, and the condition that it takes writes. */
export function activeRun(runId: string): Part {
  return sql`run AS MATERIALIZED (
    SELECT lifecycle_stage FROM duetmind.runs WHERE run_id = ${runId}::text)`;
}
export const runIsActive: Part = sql`(SELECT lifecycle_stage FROM run) = 'active'`;

function writeParams(runId: string, params: readonly Entry[]): Part[] {
  if (params.length === 0) return [];
  const sorted = byKey(params);
  return [
    sql`new_params AS (
      INSERT INTO duetmind.params AS known (run_id, key, value)
      SELECT ${runId}::text, * FROM unnest(${sorted.map(({ key }) => key)}::text[],
        ${sorted.map(({ value }) => cutText(value, MAX_PARAM_VALUE))}::text[])
      WHERE ${runIsActive}
      ON CONFLICT (run_id, key) DO UPDATE SET value = NULL WHERE known.value <> excluded.value)`,
  ];
}

function writeMetrics(runId: string, points: readonly MetricPoint[]): Part[] {
  if (points.length === 0) return [];
  return [
    sql`new_points AS (
      INSERT INTO duetmind.metrics (run_id, key, timestamp_ms, step, value)
      SELECT ${runId}::text, * FROM ${pointRows(byKey(points))} WHERE ${runIsActive}
      ON CONFLICT DO NOTHING)`,
    sql`new_latest AS (
      INSERT INTO duetmind.latest_metrics AS known (run_id, key, timestamp_ms, step, value)
      SELECT ${runId}::text, * FROM ${pointRows(latestPoints(points))} WHERE ${runIsActive}
      ON CONFLICT (run_id, key) DO UPDATE
      SET timestamp_ms = excluded.timestamp_ms, step = excluded.step, value = excluded.value
      WHERE (excluded.step, excluded.timestamp_ms, coalesce(nullif(excluded.value, 'NaN'), 0))
          > (known.step, known.timestamp_ms, coalesce(nullif(known.value, 'NaN'), 0)))`,
  ];
}

function pointRows(points: readonly MetricPoint[]): Part {
  return sql`unnest(${points.map(({ key }) => key)}::text[],
    ${points.map(({ timestampMs }) => timestampMs)}::bigint[],
    ${points.map(({ step }) => step)}::bigint[],
    ${points.map(({ value }) => value)}::double precision[]) AS n(key, timestamp_ms, step, value)`;
}

function writeModelMetrics(runId: string, points: readonly BatchMetric[]): Part[] {
  if (points.length === 0) return [];
  const sorted = byKey(points);
  return [
    sql`new_model_points AS (
      INSERT INTO duetmind.logged_model_metrics
        (model_id, key, timestamp_ms, step, run_id, value, dataset_name, dataset_digest)
      SELECT m.model_id, n.key, n.timestamp_ms, n.step, ${runId}::text, n.value, n.name, n.digest
      FROM unnest(${sorted.map(({ modelId }) => modelId)}::text[],
        ${sorted.map(({ key }) => key)}::text[],
        ${sorted.map(({ timestampMs }) => timestampMs)}::bigint[],
        ${sorted.map(({ step }) => step)}::bigint[],
        ${sorted.map(({ value }) => value)}::double precision[],
        ${sorted.map(({ datasetName }) => datasetName ?? null)}::text[],
        ${sorted.map(({ datasetDigest }) => datasetDigest ?? null)}::text[])
        AS n(model_id, key, timestamp_ms, step, value, name, digest)
      JOIN duetmind.logged_models AS m ON m.model_id = n.model_id
      WHERE ${runIsActive} ORDER BY m.model_id, n.key, n.timestamp_ms, n.step
      ON CONFLICT DO NOTHING)`,
  ];
}

function unknownModel(points: readonly BatchMetric[]): Part {
  return sql`(SELECT min(n.model_id)
    FROM unnest(${points.map(({ modelId }) => modelId)}::text[]) AS n(model_id)
    WHERE NOT EXISTS (SELECT FROM duetmind.logged_models AS m WHERE m.model_id = n.model_id))`;
}

function writeTags(runId: string, tags: readonly Entry[]): Part[] {
  const last = new Map(
    tags.map(({ key, value }) => [key, { key, value: cutText(value, MAX_TAG_VALUE) }]),
  );
  const name = last.get(RUN_NAME_TAG)?.value;
  if (name === "") last.delete(RUN_NAME_TAG); // a run keeps its name
  if (last.size === 0) return [];
  const sorted = byKey([...last.values()]);
  const written = sql`new_tags AS (
    INSERT INTO duetmind.tags (run_id, key, value)
    SELECT ${runId}::text, * FROM unnest(${sorted.map(({ key }) => key)}::text[],
      ${sorted.map(({ value }) => value)}::text[])
    WHERE ${runIsActive}
    ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value)`;
  if (!name) return [written];
  return [
    sql`new_name AS (
      UPDATE duetmind.runs SET run_name = ${name}::text
      WHERE run_id = ${runId}::text AND lifecycle_stage = 'active')`,
    written,
  ];
}

function byKey<T extends Readonly<{ key: string }>>(entries: readonly T[]): T[] {
  return entries.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

const NOT_NULL_VIOLATION = "23502";

function isParamRefused(error: unknown): boolean {
  const { code, table, column } = error as Partial<Record<"code" | "table" | "column", string>>;
  return code === NOT_NULL_VIOLATION && table === "params" && column === "value";
}

type ChangedParam = Readonly<{ key: string; was: string; value: string }>;

async function changedParams(
  db: Database,
  runId: string,
  params: readonly Entry[],
): Promise<readonly ChangedParam[]> {
  const { rows } = await sql<ChangedParam>`
    SELECT n.key, p.value AS was, n.value
    FROM unnest(${params.map(({ key }) => key)}::text[],
      ${params.map(({ value }) => cutText(value, MAX_PARAM_VALUE))}::text[]) AS n(key, value)
    JOIN duetmind.params AS p ON p.run_id = ${runId}::text AND p.key = n.key
    WHERE p.value <> n.value ORDER BY n.key`.execute(db);
  return rows;
}

/** MLflow's text, which its client looks for; the list is in Python's notation. */
function paramsChanged(runId: string, changed: readonly ChangedParam[]): DuetMindError {
  const list = changed.map(({ key, was, value }) => {
    return `{'key': '${key}', 'old_value': '${was}', 'new_value': '${value}'}`;
  });
  const logged = list.length === 0 ? "" : `='[${list.join(", ")}]'`;
  return new DuetMindError(
    "CONFLICT",
    `Changing param values is not allowed. Params were already logged${logged} for run ID='${runId}'.`,
  );
}

function noModel(modelId: string): DuetMindError {
  return new DuetMindError(
    "INTEGRITY_VIOLATED",
    `Logged model with ID '${modelId}' not found: the metrics were logged to the run alone`,
    { path: "model_id" },
  );
}
