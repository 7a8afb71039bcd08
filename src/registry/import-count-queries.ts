import { sql } from "kysely";
import type { Database } from "../store/database.ts";
import { IMPORTED_FROM } from "../tracking/import-marks.ts";

export type RegistryCounts = Readonly<{
  registered_models: number;
  model_versions: number;
  aliases: number;
}>;

/** What the models of these names hold that came from a server. */
export async function countImportedModels(
  db: Database,
  names: readonly string[],
  origin: string,
): Promise<RegistryCounts> {
  const { rows } = await sql<RegistryCounts>`
    WITH here AS (
      SELECT m.id FROM duetmind.model_registry AS m
      JOIN duetmind.registered_model_tags AS t ON t.model_id = m.id
      WHERE t.key = ${IMPORTED_FROM} AND t.value = ${origin} AND m.name = ANY (${names}::text[])
    ), versions AS (
      SELECT v.model_id, v.version FROM duetmind.model_version_detail AS v
      JOIN here ON here.id = v.model_id
      JOIN duetmind.model_version_tags AS t ON t.version_id = v.id
      WHERE t.key = ${IMPORTED_FROM} AND t.value = ${origin} AND v.status <> 'deleted'
    )
    SELECT (SELECT count(*) FROM here) AS registered_models,
      (SELECT count(*) FROM versions) AS model_versions,
      (SELECT count(*) FROM duetmind.registered_model_aliases
        JOIN versions USING (model_id, version)) AS aliases`.execute(db);
  return rows[0]!;
}
