import { sql } from "kysely";
import type { Database } from "../store/database.ts";
import { DATA_CONTEXT_TAG } from "./input-queries.ts";

export type DatasetSummary = Readonly<{
  experimentId: number;
  name: string;
  digest: string;
  context: string | null;
}>;

const MOST = 1000;

/** Which datasets the active runs of these experiments used, and as what. */
export async function searchDatasets(
  db: Database,
  experimentIds: readonly number[],
): Promise<readonly DatasetSummary[]> {
  const { rows } = await sql<DatasetSummary>`
    SELECT DISTINCT d.experiment_id AS "experimentId", d.name, d.digest, t.value AS context
    FROM duetmind.datasets AS d
    JOIN duetmind.inputs AS i ON i.dataset_id = d.id
    JOIN duetmind.runs AS r ON r.run_id = i.run_id AND r.lifecycle_stage = 'active'
    LEFT JOIN duetmind.input_tags AS t ON t.input_id = i.id AND t.key = ${DATA_CONTEXT_TAG}
    WHERE d.experiment_id = ANY (${experimentIds}::bigint[])
    ORDER BY d.experiment_id, d.name, d.digest, t.value LIMIT ${MOST}`.execute(db);
  return rows;
}
