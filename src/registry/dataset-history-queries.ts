import { z } from "zod";
import type { Database } from "../store/database.ts";
import { type SchemaChange, type SchemaColumn, schemaChanges } from "./schema-changes.ts";

/** A version of a dataset, with what was measured on it and what changed since the one before. */
export type DatasetVersion = Readonly<{
  name: string;
  version: number;
  kind: string;
  created_at: string;
  created_by: string;
  file_path: string;
  row_count: number;
  column_count: number;
  size_bytes: number;
  content_sha256: string;
  schema_hash: string;
  /** Of the whole dataset: score, missing_cells, duplicate_rows, … */
  quality: Readonly<Record<string, number>>;
  schema_changes: readonly SchemaChange[];
}>;

/** What a record said of each column: at least name and type. */
const columns = z.array(z.looseObject({ name: z.string(), type: z.string() }));
const metadata = z.looseObject({ statistics: columns.optional(), columns: columns.optional() });

export type DatasetColumns = readonly (SchemaColumn & Readonly<Record<string, unknown>>)[];

/** Every version of a dataset, the oldest first; empty for a name that is not registered. */
export async function datasetHistory(
  db: Database,
  name: string,
): Promise<readonly Readonly<{ id: string; version: DatasetVersion; columns: DatasetColumns }>[]> {
  const rows = await db
    .selectFrom("dataset_catalog")
    .selectAll()
    .where("name", "=", name)
    .orderBy("version")
    .execute();
  const quality = await qualityOf(
    db,
    rows.map(({ id }) => id),
  );
  let before: DatasetColumns | null = null;
  return rows.map((row) => {
    const parsed = metadata.parse(row.metadata_json);
    const now = parsed.statistics ?? parsed.columns ?? [];
    const changes = before === null ? [] : schemaChanges(before, now);
    before = now;
    const version: DatasetVersion = {
      name: row.name,
      version: row.version,
      kind: row.kind,
      created_at: row.created_at.toISOString(),
      created_by: row.created_by,
      file_path: row.file_path,
      row_count: row.row_count,
      column_count: row.column_count,
      size_bytes: row.size_bytes,
      content_sha256: row.content_sha256,
      schema_hash: row.schema_hash,
      quality: quality.get(row.id) ?? {},
      schema_changes: changes,
    };
    return { id: row.id, version, columns: now };
  });
}

/** The last measure of each metric of whole datasets. */
async function qualityOf(
  db: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Record<string, number>>> {
  const found = new Map<string, Record<string, number>>();
  if (ids.length === 0) return found;
  const rows = await db
    .selectFrom("data_quality_metrics")
    .distinctOn(["dataset_id", "metric"])
    .select(["dataset_id", "metric", "value"])
    .where("dataset_id", "in", [...ids])
    .where("column_name", "is", null)
    .orderBy("dataset_id")
    .orderBy("metric")
    .orderBy("measured_at", "desc")
    .execute();
  for (const { dataset_id, metric, value } of rows) {
    found.set(dataset_id, { ...found.get(dataset_id), [metric]: value });
  }
  return found;
}

type Reference = Readonly<{ name: string; version: number }>;

/** What a version was made of, and what was made of it. */
export type DatasetLineage = Readonly<{
  made_from: readonly Reference[];
  feature_views: readonly Reference[];
  datasets: readonly Reference[];
  models: readonly (Reference & Readonly<{ status: string }>)[];
}>;

export async function datasetLineage(db: Database, id: string): Promise<DatasetLineage> {
  const made_from = await db
    .selectFrom("dataset_source as s")
    .innerJoin("dataset_catalog as d", "d.id", "s.source_dataset_id")
    .select(["d.name", "d.version"])
    .where("s.dataset_id", "=", id)
    .orderBy("d.name")
    .execute();
  const datasets = await db
    .selectFrom("dataset_source as s")
    .innerJoin("dataset_catalog as d", "d.id", "s.dataset_id")
    .select(["d.name", "d.version"])
    .where("s.source_dataset_id", "=", id)
    .orderBy("d.name")
    .orderBy("d.version")
    .execute();
  const feature_views = await db
    .selectFrom("feature_view_dataset as l")
    .innerJoin("feature_view as f", "f.id", "l.feature_view_id")
    .select(["f.id", "f.name", "f.version"])
    .where("l.dataset_id", "=", id)
    .orderBy("f.name")
    .orderBy("f.version")
    .execute();
  const models = await db
    .selectFrom("model_version_detail as v")
    .innerJoin("model_registry as m", "m.id", "v.model_id")
    .select(["m.name", "v.version", "v.status"])
    .where("v.status", "<>", "deleted")
    .where((where) =>
      where.or([
        where("v.training_dataset_id", "=", id),
        where("v.validation_dataset_id", "=", id),
        ...(feature_views.length === 0
          ? []
          : [
              where(
                "v.feature_view_id",
                "in",
                feature_views.map((view) => view.id),
              ),
            ]),
      ]),
    )
    .orderBy("m.name")
    .orderBy("v.version")
    .execute();
  return {
    made_from,
    feature_views: feature_views.map(({ name, version }) => ({ name, version })),
    datasets,
    models,
  };
}
