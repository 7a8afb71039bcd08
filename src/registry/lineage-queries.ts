import type { Database } from "../store/database.ts";
import type { ModelVersionRow } from "./model-queries.ts";

export type LineageDataset = Readonly<{
  name: string;
  version: number;
  kind: string;
  content_sha256: string;
  row_count: number;
  column_count: number;
  file_path: string;
}>;

export type Lineage = Readonly<{
  /** Raw datasets that the features were built from. */
  sources: readonly LineageDataset[];
  feature_view: Readonly<{
    name: string;
    version: number;
    feature_hash: string;
    fit_hash: string;
  }> | null;
  /** The built features that the model was trained and validated on. */
  training: LineageDataset | null;
  run_id: string | null;
}>;

/** What a model version came from: dataset → feature view → run. */
export async function lineageOf(db: Database, version: ModelVersionRow): Promise<Lineage> {
  const trainingId = version.training_dataset_id;
  const view =
    version.feature_view_id === null
      ? undefined
      : await db
          .selectFrom("feature_view")
          .select(["name", "version", "feature_hash", "fit_hash"])
          .where("id", "=", version.feature_view_id)
          .executeTakeFirst();
  return {
    sources: trainingId === null ? [] : await sourcesOf(db, trainingId),
    feature_view: view ?? null,
    training:
      trainingId === null
        ? null
        : await datasetRows(db).where("d.id", "=", trainingId).executeTakeFirstOrThrow(),
    run_id: version.mlflow_run_id,
  };
}

function sourcesOf(db: Database, datasetId: string): Promise<LineageDataset[]> {
  return datasetRows(db)
    .innerJoin("dataset_source as s", "s.source_dataset_id", "d.id")
    .where("s.dataset_id", "=", datasetId)
    .orderBy("d.name")
    .execute();
}

function datasetRows(db: Database) {
  return db
    .selectFrom("dataset_catalog as d")
    .select(["d.name", "d.version", "d.kind", "d.content_sha256", "d.row_count", "d.column_count"])
    .select("d.file_path");
}
