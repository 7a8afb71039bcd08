import { sql } from "kysely";
import type { Database } from "../store/database.ts";
import type { Entry } from "./log-batch.ts";
import type { MetricPoint } from "./metric-point.ts";

/** A dataset that a run used, with the tags of that use. */
export type DatasetInput = Readonly<{
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  schema: string | null;
  profile: string | null;
  tags: readonly Entry[];
}>;

/** What was logged to a run, sorted by key; of each metric the latest point. */
export type RunData = Readonly<{
  params: readonly Entry[];
  metrics: readonly MetricPoint[];
  tags: readonly Entry[];
  inputs: readonly DatasetInput[];
  /** Ids of the logged models that the run used, and those that it made. */
  modelInputs: readonly string[];
  modelOutputs: readonly Readonly<{ modelId: string; step: number }>[];
}>;

/**
 * What was logged to these runs: one query for each kind, whatever their number. A run comes as a few
 * arrays in JSON, which PostgreSQL writes and JavaScript reads faster than a row for each metric.
 */
export async function readRunData(
  db: Database,
  runIds: readonly string[],
): Promise<(runId: string) => RunData> {
  if (runIds.length === 0) return () => NOTHING;
  const params = await readEntries(db, "params", runIds);
  const metrics = await readMetrics(db, runIds);
  const tags = await readEntries(db, "tags", runIds);
  const inputs = await readInputs(db, runIds);
  const models = await readModels(db, runIds);
  return (runId) => ({
    ...(models.get(runId) ?? NO_MODELS),
    params: params.get(runId) ?? [],
    metrics: metrics.get(runId) ?? [],
    tags: tags.get(runId) ?? [],
    inputs: inputs.get(runId) ?? [],
  });
}

const NO_MODELS = { modelInputs: [], modelOutputs: [] };
const NOTHING: RunData = { params: [], metrics: [], tags: [], inputs: [], ...NO_MODELS };

type Keyed<Row> = Row & Readonly<{ run_id: string }>;

async function readEntries(
  db: Database,
  table: "params" | "tags",
  runIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Entry[]>> {
  const { rows } = await sql<Keyed<{ keys: readonly string[]; values: readonly string[] }>>`
    SELECT run_id, json_agg(key ORDER BY key) AS keys, json_agg(value ORDER BY key) AS values
    FROM ${sql.table(`duetmind.${table}`)}
    WHERE run_id = ANY (${runIds}::text[]) GROUP BY run_id`.execute(db);
  return new Map(
    rows.map(({ run_id, keys, values }) => [
      run_id,
      keys.map((key, i) => ({ key, value: values[i]! })),
    ]),
  );
}

type MetricColumns = Readonly<{
  keys: readonly string[];
  /** JSON has no NaN and no infinities: they come as texts. */
  values: readonly (number | "NaN" | "Infinity" | "-Infinity")[];
  times: readonly number[];
  steps: readonly number[];
}>;

async function readMetrics(
  db: Database,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, readonly MetricPoint[]>> {
  const { rows } = await sql<Keyed<MetricColumns>>`
    SELECT run_id, json_agg(key ORDER BY key) AS keys, json_agg(value ORDER BY key) AS values,
      json_agg(timestamp_ms ORDER BY key) AS times, json_agg(step ORDER BY key) AS steps
    FROM duetmind.latest_metrics
    WHERE run_id = ANY (${runIds}::text[]) GROUP BY run_id`.execute(db);
  return new Map(
    rows.map(({ run_id, keys, values, times, steps }) => [
      run_id,
      keys.map((key, i) => ({
        key,
        value: Number(values[i]!),
        timestampMs: times[i]!,
        step: steps[i]!,
      })),
    ]),
  );
}

type InputRow = Readonly<{
  run_id: string;
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema: string | null;
  profile: string | null;
  tags: readonly Entry[];
}>;

async function readInputs(
  db: Database,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, readonly DatasetInput[]>> {
  const { rows } = await sql<InputRow>`
    SELECT i.run_id, d.name, d.digest, d.source_type, d.source, d.schema, d.profile,
      (SELECT coalesce(json_agg(json_build_object('key', t.key, 'value', t.value) ORDER BY t.key), '[]')
       FROM duetmind.input_tags t WHERE t.input_id = i.id) AS tags
    FROM duetmind.inputs i JOIN duetmind.datasets d ON d.id = i.dataset_id
    WHERE i.run_id = ANY (${runIds}::text[])
    ORDER BY i.run_id, d.name, d.digest`.execute(db);
  const byRun = new Map<string, DatasetInput[]>();
  for (const { run_id, source_type: sourceType, ...input } of rows) {
    const inputs = byRun.get(run_id) ?? [];
    inputs.push({ ...input, sourceType });
    byRun.set(run_id, inputs);
  }
  return byRun;
}

type Models = Pick<RunData, "modelInputs" | "modelOutputs">;

async function readModels(
  db: Database,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, Models>> {
  const { rows } = await sql<Readonly<{ run_id: string; model_id: string; step: number | null }>>`
    SELECT run_id, model_id, NULL::bigint AS step FROM duetmind.model_inputs
    WHERE run_id = ANY (${runIds}::text[])
    UNION ALL
    SELECT run_id, model_id, step FROM duetmind.model_outputs WHERE run_id = ANY (${runIds}::text[])
    ORDER BY run_id, step, model_id`.execute(db);
  const byRun = new Map<string, { modelInputs: string[]; modelOutputs: RunOutput[] }>();
  for (const { run_id, model_id: modelId, step } of rows) {
    const models = byRun.get(run_id) ?? { modelInputs: [], modelOutputs: [] };
    if (step === null) models.modelInputs.push(modelId);
    else models.modelOutputs.push({ modelId, step });
    byRun.set(run_id, models);
  }
  return byRun;
}

type RunOutput = RunData["modelOutputs"][number];
