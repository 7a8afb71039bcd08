import type { Database } from "../store/database.ts";
import type { ModelVersionRow } from "./model-queries.ts";
import { rebuildSourceOf, type SourceDataset } from "./rebuild-queries.ts";

export type LineageDataset = Omit<SourceDataset, "record_digest">;

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
  const source = await rebuildSourceOf(db, version);
  return {
    sources: (source?.datasets ?? []).map(({ record_digest: _, ...dataset }) => dataset),
    feature_view: await findView(db, version.feature_view_id),
    training: await findDataset(db, version.training_dataset_id),
    run_id: version.mlflow_run_id,
  };
}

async function findView(db: Database, id: string | null): Promise<Lineage["feature_view"]> {
  if (id === null) return null;
  return db
    .selectFrom("feature_view")
    .select(["name", "version", "feature_hash", "fit_hash"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
}

async function findDataset(db: Database, id: string | null): Promise<LineageDataset | null> {
  if (id === null) return null;
  return db
    .selectFrom("dataset_catalog")
    .select(["name", "version", "kind", "content_sha256", "row_count", "column_count", "file_path"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
}
