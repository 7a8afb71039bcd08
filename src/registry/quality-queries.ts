import { sql } from "kysely";
import { uuidV7 } from "../core/ids.ts";
import type { Database } from "../store/database.ts";
import type { Origin } from "./dataset-queries.ts";

export type QualityMetric = Readonly<{ column: string | null; metric: string; value: number }>;

/** Writes what was measured on a dataset by one record. */
export async function insertQualityMetrics(
  db: Database,
  datasetId: string,
  metrics: readonly QualityMetric[],
  origin: Origin,
): Promise<void> {
  if (metrics.length === 0) return;
  await sql`
    INSERT INTO duetmind.data_quality_metrics
      (id, dataset_id, column_name, metric, value, record_digest, measured_at)
    SELECT id, ${datasetId}::uuid, column_name, metric, value, ${origin.recordDigest}::text,
      ${origin.at}::timestamptz
    FROM unnest(${metrics.map(() => uuidV7(origin.clock))}::uuid[],
      ${metrics.map(({ column }) => column)}::text[], ${metrics.map(({ metric }) => metric)}::text[],
      ${metrics.map(({ value }) => value)}::double precision[]) AS n(id, column_name, metric, value)
    ON CONFLICT DO NOTHING`.execute(db);
}
