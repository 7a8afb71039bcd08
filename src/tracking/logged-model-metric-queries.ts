import { sql } from "kysely";
import { type Int64, toInt64 } from "../core/int64.ts";
import type { Database } from "../store/database.ts";

/** A metric of a logged model: which run logged it, and on which dataset it was measured. */
export type LoggedModelMetric = Readonly<{
  key: string;
  value: number;
  timestampMs: Int64;
  step: Int64;
  runId: string;
  datasetName: string | null;
  datasetDigest: string | null;
}>;

/** The metrics of these models, sorted by key, time and step: one query, whatever their number. */
export async function readLoggedModelMetrics(
  db: Database,
  modelIds: readonly string[],
): Promise<ReadonlyMap<string, readonly LoggedModelMetric[]>> {
  if (modelIds.length === 0) return new Map();
  const { rows } = await sql<MetricRow>`
    SELECT model_id, key, value, timestamp_ms::text, step::text, run_id, dataset_name,
      dataset_digest
    FROM duetmind.logged_model_metrics AS m WHERE model_id = ANY (${modelIds}::text[])
    ORDER BY m.model_id, m.key, m.timestamp_ms, m.step, m.run_id`.execute(db);
  const byModel = new Map<string, LoggedModelMetric[]>();
  for (const row of rows) {
    const metrics = byModel.get(row.model_id) ?? [];
    metrics.push({
      key: row.key,
      value: row.value,
      timestampMs: toInt64(row.timestamp_ms),
      step: toInt64(row.step),
      runId: row.run_id,
      datasetName: row.dataset_name,
      datasetDigest: row.dataset_digest,
    });
    byModel.set(row.model_id, metrics);
  }
  return byModel;
}

type MetricRow = Readonly<{
  model_id: string;
  key: string;
  value: number;
  timestamp_ms: string;
  step: string;
  run_id: string;
  dataset_name: string | null;
  dataset_digest: string | null;
}>;
