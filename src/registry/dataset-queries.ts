import type { Clock } from "../core/clock.ts";
import type { Digest } from "../core/hash.ts";
import { uuidV7 } from "../core/ids.ts";
import type { Database } from "../store/database.ts";
import { toJsonColumn } from "./json-column.ts";
import { lockVersions, nextVersion } from "./version-counter.ts";

export type NewDataset = Readonly<{
  name: string;
  kind: "raw" | "processed";
  sourceType: string;
  filePath: string;
  fileFormat: string;
  schemaHash: Digest;
  contentSha256: Digest;
  dataDigest: Digest | null;
  sizeBytes: number;
  rowCount: number;
  columnCount: number;
  metadata: Readonly<Record<string, unknown>>;
  featureViewId: string | null;
  sourceIds: readonly string[];
}>;

export type Origin = Readonly<{ recordDigest: Digest; at: Date; actor: string; clock: Clock }>;

export type Versioned = Readonly<{ id: string; version: number; created: boolean }>;

/** Registers a version of a dataset; the same bytes under the same name keep their version. */
export async function registerDataset(
  db: Database,
  dataset: NewDataset,
  origin: Origin,
): Promise<Versioned> {
  await lockVersions(db, "dataset", dataset.name);
  const known = await findDatasetByContent(db, dataset.name, dataset.contentSha256);
  if (known !== undefined) return { ...known, created: false };
  const id = uuidV7(origin.clock);
  const version = await nextVersion(db, "dataset", dataset.name);
  await db
    .insertInto("dataset_catalog")
    .values({
      id,
      name: dataset.name,
      version,
      kind: dataset.kind,
      source_type: dataset.sourceType,
      file_path: dataset.filePath,
      file_format: dataset.fileFormat,
      schema_hash: dataset.schemaHash,
      content_sha256: dataset.contentSha256,
      data_digest: dataset.dataDigest,
      size_bytes: dataset.sizeBytes,
      row_count: dataset.rowCount,
      column_count: dataset.columnCount,
      metadata_json: toJsonColumn(dataset.metadata),
      feature_view_id: dataset.featureViewId,
      record_digest: origin.recordDigest,
      created_at: origin.at,
      created_by: origin.actor,
    })
    .execute();
  for (const sourceId of dataset.sourceIds) {
    await db
      .insertInto("dataset_source")
      .values({ dataset_id: id, source_dataset_id: sourceId })
      .execute();
  }
  return { id, version, created: true };
}

export function findDatasetByContent(
  db: Database,
  name: string,
  contentSha256: string,
): Promise<{ id: string; version: number } | undefined> {
  return db
    .selectFrom("dataset_catalog")
    .select(["id", "version"])
    .where("name", "=", name)
    .where("content_sha256", "=", contentSha256)
    .executeTakeFirst();
}

/** Every version of every dataset, by name, newest first. */
export function listDatasets(db: Database) {
  return db
    .selectFrom("dataset_catalog")
    .select(["name", "version", "kind", "file_path", "file_format", "row_count", "column_count"])
    .select(["size_bytes", "content_sha256", "schema_hash", "created_at", "id"])
    .orderBy("name")
    .orderBy("version", "desc")
    .execute();
}

/** The quality score of each dataset, as measured last. */
export async function qualityScores(db: Database): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom("data_quality_metrics")
    .distinctOn("dataset_id")
    .select(["dataset_id", "value"])
    .where("metric", "=", "score")
    .where("column_name", "is", null)
    .orderBy("dataset_id")
    .orderBy("measured_at", "desc")
    .execute();
  return new Map(rows.map((row) => [row.dataset_id, row.value]));
}
