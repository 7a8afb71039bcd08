import { sql } from "kysely";
import type { Database } from "../store/database.ts";
import { IMPORTED, IMPORTED_FROM } from "./import-marks.ts";

/** How much of another server is here. */
export type TrackingCounts = Readonly<{
  runs: number;
  params: number;
  tags: number;
  metrics: number;
  datasets: number;
  model_inputs: number;
  model_outputs: number;
  logged_models: number;
}>;

/** What these experiments hold that came from a server, without the import's own tags. */
export async function countImported(
  db: Database,
  experimentIds: readonly string[],
  origin: string,
): Promise<TrackingCounts> {
  const { rows } = await sql<TrackingCounts>`
    WITH here AS MATERIALIZED (
      SELECT r.run_id FROM duetmind.runs AS r JOIN duetmind.tags AS t ON t.run_id = r.run_id
      WHERE t.key = ${IMPORTED_FROM} AND t.value = ${origin}
        AND r.experiment_id = ANY (${experimentIds}::bigint[])
    )
    SELECT (SELECT count(*) FROM here) AS runs,
      (SELECT count(*) FROM duetmind.params JOIN here USING (run_id)) AS params,
      (SELECT count(*) FROM duetmind.tags JOIN here USING (run_id)
        WHERE key NOT IN (${IMPORTED}, ${IMPORTED_FROM})) AS tags,
      (SELECT count(*) FROM duetmind.latest_metrics JOIN here USING (run_id)) AS metrics,
      (SELECT count(*) FROM duetmind.inputs JOIN here USING (run_id)) AS datasets,
      (SELECT count(*) FROM duetmind.model_inputs JOIN here USING (run_id)) AS model_inputs,
      (SELECT count(*) FROM duetmind.model_outputs JOIN here USING (run_id)) AS model_outputs,
      (SELECT count(*) FROM duetmind.logged_models AS m
        JOIN duetmind.logged_model_tags AS t ON t.model_id = m.model_id
        WHERE t.key = ${IMPORTED_FROM} AND t.value = ${origin}
          AND m.experiment_id = ANY (${experimentIds}::bigint[])) AS logged_models`.execute(db);
  return rows[0]!;
}
